// How many threads may run at once: cgroups as the kernel shows them, in a folder.
#include "base/cpus.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sched.h>

#include <cmath>

#include "tests/support.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

constexpr const char* kV2Mount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* kV1Mounts =
    "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "32 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct\n";

void write(const TemporaryFolder& root, const std::string& path, const std::string& text) {
  test::fs::create_directories((root / path).parent_path());
  test::write_text(root / path, text);
}

void write_proc(const TemporaryFolder& root, const std::string& cgroup, const std::string& mounts) {
  write(root, "proc/self/cgroup", cgroup);
  write(root, "proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\nnot a mount\n" + mounts);
}

/// With an environment variable as it is told, until the end.
struct Environment {
  std::string name;
  std::optional<std::string> before;
  Environment(const char* variable, const char* value) : name(variable) {
    if (const char* old = std::getenv(variable)) before = old;
    value ? setenv(variable, value, 1) : unsetenv(variable);
  }
  ~Environment() { before ? setenv(name.c_str(), before->c_str(), 1) : unsetenv(name.c_str()); }
};

}  // namespace

TEST_CASE("a cgroup's quota of version 2 is the smallest on the way up") {
  const TemporaryFolder root;
  write_proc(root, "0::/pod/box\n", kV2Mount);
  CHECK_FALSE(cgroup_quota(root.path).has_value());  // no files at all
  write(root, "sys/fs/cgroup/pod/box/cpu.max", "400000 100000\n");
  CHECK(cgroup_quota(root.path) == 4.0);
  write(root, "sys/fs/cgroup/pod/cpu.max", "125000 50000\n");
  CHECK(cgroup_quota(root.path) == 2.5);
  write(root, "sys/fs/cgroup/cpu.max", "max 100000\n");
  CHECK(cgroup_quota(root.path) == 2.5);
  write(root, "sys/fs/cgroup/pod/box/cpu.max", "max 100000\n");
  CHECK(cgroup_quota(root.path) == 2.5);
  write(root, "sys/fs/cgroup/cpu.max", "150000 100000\n");  // what a container sees of its own limit
  CHECK(cgroup_quota(root.path) == 1.5);
}

TEST_CASE("a cgroup's quota of version 1") {
  const TemporaryFolder root;
  write_proc(root, "5:memory:/box\n4:cpu,cpuacct:/docker/box\n", kV1Mounts);
  const std::string folder = "sys/fs/cgroup/cpu,cpuacct/docker/box/";
  write(root, folder + "cpu.cfs_quota_us", "-1\n");
  write(root, folder + "cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(cgroup_quota(root.path).has_value());
  write(root, folder + "cpu.cfs_quota_us", "350000\n");
  CHECK(cgroup_quota(root.path) == 3.5);
  write(root, "sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us", "200000\n");
  write(root, "sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_quota(root.path) == 2.0);
  write(root, "sys/fs/cgroup/memory/box/cpu.cfs_quota_us", "1000\n");  // another hierarchy's
  write(root, "sys/fs/cgroup/memory/box/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_quota(root.path) == 2.0);
}

TEST_CASE("a container that sees a part of the tree: mounted at its own cgroup") {
  const TemporaryFolder root;
  write_proc(root, "4:cpu,cpuacct:/docker/box\n",
             "32 23 0:28 /docker/box /sys/fs/cgroup/my\\040cpu ro - cgroup cgroup rw,cpu,cpuacct\n");
  write(root, "sys/fs/cgroup/my cpu/cpu.cfs_quota_us", "300000\n");
  write(root, "sys/fs/cgroup/my cpu/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_quota(root.path) == 3.0);
  write(root, "proc/self/cgroup", "4:cpu,cpuacct:/../other\n");  // beyond what is mounted: the mount itself
  CHECK(cgroup_quota(root.path) == 3.0);
}

TEST_CASE("what is no quota bounds nothing") {
  const TemporaryFolder root;
  CHECK_FALSE(cgroup_quota(root.path).has_value());  // no /proc
  write_proc(root, "0::/box\n", kV2Mount);
  for (const char* text : {"", "\n", "max", "200000", "200000 0", "-200000 100000", "0 100000", "two 100000",
                           "200000 100000 7", "2e5 100000", "99999999999999999999 100000"}) {
    CAPTURE(std::string(text));
    write(root, "sys/fs/cgroup/box/cpu.max", text);
    CHECK_FALSE(cgroup_quota(root.path).has_value());
  }
  for (const char* text : {"", "0:\n", "::\n", "nonsense\n"}) {
    write(root, "proc/self/cgroup", text);
    CHECK_NOTHROW(cgroup_quota(root.path));
  }
}

TEST_CASE("available CPUs: the least of mask, OMP_NUM_THREADS and quota, and which it was") {
  const TemporaryFolder root;
  cpu_set_t mask;
  REQUIRE(sched_getaffinity(0, sizeof mask, &mask) == 0);
  const int allowed = CPU_COUNT(&mask);
  const auto with = [&](const char* variable) {
    const Environment environment("OMP_NUM_THREADS", variable);
    return available_cpus(root.path);
  };
  CHECK(with(nullptr).count == allowed);
  CHECK(with("1000").count == allowed);
  CHECK(with("no number").count == allowed);
  CHECK(with("0").count == allowed);
  CHECK(with(" 1 ,4").count == 1);

  write_proc(root, "0::/box\n", kV2Mount);
  const auto set_quota = [&](double cpus) {
    write(root, "sys/fs/cgroup/box/cpu.max", fmt::format("{} 100000\n", std::lround(cpus * 100'000)));
  };
  set_quota(allowed + 1.5);
  CHECK(with(nullptr).count == allowed);
  set_quota(0.25);
  CHECK(with(nullptr).count == 1);
  if (allowed < 2) return test::skip("one CPU alone: nothing bounds it further");
  CHECK(with("1").bounded_by == "OMP_NUM_THREADS");
  CHECK(with(nullptr).bounded_by == "cgroup quota 0.25");
  set_quota(allowed - 0.5);
  CHECK(with(nullptr).count == allowed - 1);
  CHECK(with(nullptr).bounded_by == fmt::format("cgroup quota {}", allowed - 0.5));

  cpu_set_t one;
  CPU_ZERO(&one);
  for (size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &mask)) CPU_SET(cpu, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  const Cpus bound = with(nullptr);
  REQUIRE(sched_setaffinity(0, sizeof mask, &mask) == 0);
  CHECK(bound.count == 1);
  CHECK(bound.bounded_by == "affinity mask");
}
