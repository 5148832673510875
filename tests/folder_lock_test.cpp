// One process at a time in a folder, and nothing left behind.
#include "base/folder_lock.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "base/check.h"
#include "tests/support.h"

using namespace lineament;
using test::TemporaryFolder;

TEST_CASE("a folder that is locked is refused, with the number of the process that has it") {
  const TemporaryFolder folder;
  {
    const FolderLock lock(folder.path);
    CHECK(test::read_text(folder / ".lock") == fmt::format("{}", getpid()));
    CHECK_THROWS_WITH_AS(FolderLock(folder.path),
                         fmt::format("{}: process {} is at work in it: wait for it, stop it, or name another folder",
                                     folder.path.string(), getpid())
                             .c_str(),
                         InputError);
  }
  CHECK_FALSE(test::fs::exists(folder / ".lock"));
  CHECK_NOTHROW(FolderLock(folder.path));
}

TEST_CASE("the lock of a process that was killed is taken over") {
  const TemporaryFolder folder;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock lock(folder.path);
    [[maybe_unused]] const ssize_t told = write(ready[1], "x", 1);
    pause();
    _exit(0);
  }
  char told = 0;
  REQUIRE(read(ready[0], &told, 1) == 1);
  CHECK_THROWS_WITH_AS(FolderLock(folder.path), doctest::Contains(fmt::format("process {} ", child).c_str()), InputError);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(test::fs::exists(folder / ".lock"));
  CHECK_NOTHROW(FolderLock(folder.path));
  CHECK_FALSE(test::fs::exists(folder / ".lock"));
  close(ready[0]), close(ready[1]);
}

TEST_CASE("folders that the lock made go with it unless something came into them") {
  const TemporaryFolder folder;
  { const FolderLock lock(folder / "a/b/c"); }
  CHECK_FALSE(test::fs::exists(folder / "a"));
  {
    const FolderLock lock(folder / "a/b/c");
    test::write_text(folder / "a/b/mine", "");
  }
  CHECK(test::fs::exists(folder / "a/b/mine"));
  CHECK_FALSE(test::fs::exists(folder / "a/b/c"));
  CHECK_THROWS_WITH_AS(FolderLock(folder / "a/b/mine"), doctest::Contains("it is not a folder"), InputError);
  CHECK_THROWS_WITH_AS(FolderLock(folder / "a/b/mine/below"), doctest::Contains("cannot be made: Not a directory"), InputError);
}
