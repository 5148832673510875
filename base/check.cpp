// A broken contract, formatted where no kernel's options reach.
#include "base/check.h"

namespace lineament {

void fail_contract(fmt::string_view text, fmt::format_args args) {
  throw std::logic_error(fmt::vformat(text, args));
}

}  // namespace lineament
