# Builds weights/default/contest15.safetensors into the library, if it is there: default_model_bytes() of network/default_model.cpp.
set(default_model ${CMAKE_CURRENT_SOURCE_DIR}/weights/default/contest15.safetensors)
if(EXISTS ${default_model})
  set(default_bytes "asm(\".section .rodata\\n.balign 16\\nlineament_default_model:\\n.incbin \\\"${default_model}\\\"\\n\"
    \"lineament_default_model_end:\\n.byte 0\\n.previous\\n\");
extern \"C\" const std::byte lineament_default_model[], lineament_default_model_end[];")
  set(default_span "{lineament_default_model, lineament_default_model_end}")
else()
  set(default_bytes "")
  set(default_span "{}")
endif()
file(CONFIGURE OUTPUT default_model.cpp @ONLY CONTENT [[
// Made by cmake/default_model.cmake.
#include <cstddef>
#include <span>

@default_bytes@

namespace lineament {

std::span<const std::byte> default_model_bytes();
std::span<const std::byte> default_model_bytes() { return @default_span@; }

}  // namespace lineament
]])
if(EXISTS ${default_model})
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/default_model.cpp PROPERTIES OBJECT_DEPENDS ${default_model})
endif()
