#include "images.hpp"
#include "run.hpp"

void example::run_rgb(const Settings& settings) { search_rgb<tepui::backend::Cpu>(settings); }
