# Which architectures the program explores: the compiler selects them, and two source files, which
# CMake writes, share the work of compiling their networks.
tepui_add_exploration(${target}
  NAME light
  SPACE "tepui::space::Small<tepui::Shape{3, 16, 16}, 10>"
  SELECT "[](tepui::Cost c) { return c.params < 6'000 && c.macs > 500'000; }"
  TRAIN "tepui::train::FromScratch<tepui::optim::Sgd>"
  OBJECTIVE "tepui::objective::Maximize<tepui::metric::Accuracy>"
  SHARDS 2
  SOURCES "${CMAKE_CURRENT_LIST_DIR}/main.cpp")
