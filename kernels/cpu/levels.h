// Levels: every file of simd/ is compiled once for each width of registers, in a namespace of its own, and a kernel
// list names all of them, widest first. One binary runs anywhere; `supports` says what this processor can run.
#pragma once
#include "tensor/op.h"

#if defined(__x86_64__)
#define LINEAMENT_X86(...) __VA_ARGS__
#else
#define LINEAMENT_X86(...)
#endif

namespace lineament {

bool has_avx512();  // F, BW, DQ and VL: Skylake's server and whatever came after
bool has_avx2();    // with FMA: Haswell's
inline bool has_portable() { return true; }

using Supports = bool (*)(std::span<const Desc>, const Params&);
using Workspace = size_t (*)(std::span<const Desc>, const Params&);

template <bool (*has_level)(), Supports supports>
bool runs_here(std::span<const Desc> descs, const Params& params) {
  return has_level() && all_f32(descs, params) && supports(descs, params);
}

// What a row without conditions or workspace says, at any level.
inline bool anything(std::span<const Desc>, const Params&) { return true; }
inline constexpr Workspace no_workspace = nullptr;
// clang-format off
namespace avx512   { using lineament::anything, lineament::no_workspace; }
namespace avx2     { using lineament::anything, lineament::no_workspace; }
namespace portable { using lineament::anything, lineament::no_workspace; }
// clang-format on

}  // namespace lineament

/// One row of a kernel list at one level: {"add.cpu.avx2", avx2::add, ...}.
#define LINEAMENT_AT(level, name, run, supports, workspace) \
  { name "." #level, level::run, runs_here<has_##level, level::supports>, level::workspace }
/// The rows of a kernel of simd/ that has AVX versions alone.
#define LINEAMENT_AVX(name, run, supports, workspace)                 \
  LINEAMENT_X86(LINEAMENT_AT(avx512, name, run, supports, workspace), \
                LINEAMENT_AT(avx2, name, run, supports, workspace), )
/// The same of a kernel that can keep its filter packed.
#define LINEAMENT_AVX_PACKED(name, run, supports, workspace, bytes, pack)                                               \
  LINEAMENT_X86({name ".avx512", avx512::run, runs_here<has_avx512, avx512::supports>, avx512::workspace,               \
                 {avx512::bytes, pack_each<avx512::pack>}},                                                             \
                {name ".avx2", avx2::run, runs_here<has_avx2, avx2::supports>, avx2::workspace,                         \
                 {avx2::bytes, pack_each<avx2::pack>}}, )
/// The rows of a kernel of simd/ at all levels.
#define LINEAMENT_SIMD(name, run, supports, workspace) \
  LINEAMENT_AVX(name, run, supports, workspace) LINEAMENT_AT(portable, name, run, supports, workspace)
