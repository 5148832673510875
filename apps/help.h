// The look of --help: groups of options, sentences wrapped beside them, the default at the end of each.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>

namespace lineament {

/// A formatter for the whole command; subcommands added after it is set take it over.
std::shared_ptr<CLI::FormatterBase> help_page();

}  // namespace lineament
