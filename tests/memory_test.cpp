// How much memory is free: cgroups and /proc as the kernel shows them, in a folder.
#include "base/memory.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/check.h"
#include "tests/support.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

void write(const TemporaryFolder& root, const std::string& path, const std::string& text) {
  test::fs::create_directories((root / path).parent_path());
  test::write_text(root / path, text);
}

constexpr const char* kV2Mount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* kV1Mount = "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

}  // namespace

TEST_CASE("free memory is what the machine calls available, and its swap") {
  const TemporaryFolder root;
  CHECK(free_memory(root.path).bytes > 0);  // nothing is told: no limit but a ulimit's
  write(root, "proc/meminfo", "MemTotal:       24105000 kB\nMemAvailable:       3000 kB\nSwapFree:  1000 kB\n");
  CHECK(free_memory(root.path).bytes == 4000 * 1024);
  CHECK(free_memory(root.path).bounded_by == "the machine");
}

TEST_CASE("a cgroup's limit leaves what it does not use; files can be read again") {
  const TemporaryFolder root;
  write(root, "proc/meminfo", "MemAvailable:       300000 kB\n");
  write(root, "proc/self/mountinfo", kV2Mount);
  write(root, "proc/self/cgroup", "0::/pod/box\n");
  write(root, "sys/fs/cgroup/pod/box/memory.max", "max\n");
  write(root, "sys/fs/cgroup/pod/box/memory.current", "70000\n");
  CHECK(free_memory(root.path).bounded_by == "the machine");
  write(root, "sys/fs/cgroup/pod/memory.max", "100000\n");
  write(root, "sys/fs/cgroup/pod/memory.current", "70000\n");
  CHECK(free_memory(root.path).bytes == 30000);
  CHECK(free_memory(root.path).bounded_by == "the cgroup's limit");
  write(root, "sys/fs/cgroup/pod/memory.stat", "anon 40000\ninactive_file 20000\n");
  CHECK(free_memory(root.path).bytes == 50000);
}

TEST_CASE("a cgroup's limit of version 1") {
  const TemporaryFolder root;
  write(root, "proc/self/mountinfo", kV1Mount);
  write(root, "proc/self/cgroup", "4:memory:/box\n");
  write(root, "sys/fs/cgroup/memory/box/memory.limit_in_bytes", "100000\n");
  write(root, "sys/fs/cgroup/memory/box/memory.usage_in_bytes", "120000\n");
  write(root, "sys/fs/cgroup/memory/box/memory.stat", "total_inactive_file 30000\n");
  CHECK(free_memory(root.path).bytes == 10000);
}

TEST_CASE("what does not fit is refused with how many would") {
  CHECK_NOTHROW(require_memory(1000, 1000, "--rows 1000", "so many faces"));
  CHECK_THROWS_WITH_AS(require_memory(size_t{1} << 50, 1e6, "--rows N", "so many faces"), doctest::Contains("would fit"), InputError);
}

TEST_CASE("bytes are said in the unit that suits them") {
  CHECK(shown_bytes(12'345'678) == "12.3 MB");
  CHECK(shown_bytes(2.21e10) == "22.1 GB");
  CHECK(shown_bytes(2e13) == "20.0 TB");
}
