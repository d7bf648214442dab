#include "images.hpp"
#include "run.hpp"

void example::run_grey(const Settings& settings) { search_grey<tepui::backend::Cpu>(settings); }
