// Submissions, and the promise under every file that lineament writes: whole or not at all.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>

#include "data/contest.h"
#include "base/atomic_file.h"
#include "base/check.h"
#include "data/formats/submission.h"
#include "tests/support.h"

using namespace lineament;
using namespace lineament::test;

namespace {

const std::vector<Lookup> kLookup = {{1, 12, 0}, {2, 12, 29}, {3, 7, 0}, {9, 7, 20}};

std::vector<Keypoints> predictions() {
  std::vector<Keypoints> points(2, Keypoints(contest::kCoordinates));
  for (int i = 0; i < 2; ++i)
    for (int c = 0; c < contest::kCoordinates; ++c) points[i][c] = 10.f * i + c + .25f;
  return points;
}
const std::vector<int> kIds = {7, 12};

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// No file of this process may grow beyond `bytes` while this lives:
/// a full disk, for whoever cannot make one.
struct SmallDisk {
  rlimit before{};
  void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
  explicit SmallDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
};

}  // namespace

TEST_CASE("a submission answers the lookup row by row") {
  TemporaryFolder folder;
  write_submission(folder / "s.csv", kLookup, kIds, predictions());
  CHECK(read_text(folder / "s.csv") == "RowId,Location\n1,10.25\n2,39.25\n3,0.25\n9,20.25\n");
  check_submission(folder / "s.csv", kLookup);
}

TEST_CASE("predictions outside the picture are clipped to 0..96") {
  TemporaryFolder folder;
  auto points = predictions();
  points[1][0] = -3;
  points[0][20] = 1e6f;
  write_submission(folder / "s.csv", kLookup, kIds, points);
  CHECK(read_text(folder / "s.csv") == "RowId,Location\n1,0\n2,39.25\n3,0.25\n9,96\n");
  check_submission(folder / "s.csv", kLookup);
}

TEST_CASE("an image without a prediction, or one that is no number, leaves no submission") {
  TemporaryFolder folder;
  auto points = predictions();
  CHECK_THROWS_WITH_AS(write_submission(folder / "s.csv", kLookup, std::vector{7, 13}, points),
                       "submission: row 1 of the lookup table asks for image 12, which was not predicted: "
                       "the table and the test set do not belong together",
                       InputError);
  points[1][29] = kMissing;
  CHECK_THROWS_WITH_AS(write_submission(folder / "s.csv", kLookup, kIds, points),
                       "submission: mouth_center_bottom_lip_y predicted for image 12 is nan", RunError);
  CHECK(files_in(folder.path) == 0);
}

TEST_CASE("a wrong submission is told from a right one") {
  TemporaryFolder folder;
  const auto said = [&](const std::string& rows) -> std::string {
    write_text(folder / "s.csv", "RowId,Location\n" + rows);
    try {
      check_submission(folder / "s.csv", kLookup);
    } catch (const InputError& error) {
      return std::string(error.what()).substr(folder.path.string().size() + 1);
    }
    return "";
  };
  CHECK(said("1,1\n2,2\n3,3\n9,96\n") == "");
  CHECK(said("1,1\n2,2\n3,3\n") == "s.csv: 3 rows, expected 4");
  CHECK(said("1,1\n2,2\n3,3\n9,9\n10,1\n") == "s.csv:6: more rows than the lookup table's 4");
  CHECK(said("1,1\n3,3\n2,2\n9,9\n") == "s.csv:3: column RowId is \"3\", expected 2");
  CHECK(said("1,1\n2,96.5\n3,3\n9,9\n") == "s.csv:3: column Location is \"96.5\", expected 0..96 px");
  CHECK(said("1,1\n2,\n3,3\n9,9\n") == "s.csv:3: column Location is \"\", expected 0..96 px");
  CHECK(said("1,1\n2,nan\n3,3\n9,9\n") == "s.csv:3: column Location is \"nan\", expected 0..96 px");
}

TEST_CASE("a file appears at commit, whole, in place of the one before") {
  TemporaryFolder folder;
  write_text(folder / "f", "before");
  {
    AtomicFile file(folder / "f");
    file.write("after");
    CHECK(read_text(folder / "f") == "before");
    file.write(std::string(3'000'001, 'x'));
    file.write("end");
    file.commit();
    const std::string text = read_text(folder / "f");
    CHECK(text.size() == 3'000'009);
    CHECK(text.starts_with("afterxx"));
    CHECK(text.ends_with("xxend"));
  }
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("an unfinished file leaves nothing") {
  TemporaryFolder folder;
  { AtomicFile(folder / "f").write("half"); }
  CHECK(files_in(folder.path) == 0);
}

TEST_CASE("a full disk is said in one line and leaves the file before") {
  TemporaryFolder folder;
  write_text(folder / "f", "before");
  for (size_t bytes : {size_t{5'000}, size_t{5'000'000}}) {  // found at commit; found on the way
    std::string said;
    {
      const SmallDisk disk(4096);
      try {
        write_atomically(folder / "f", std::string(bytes, 'x'));
      } catch (const InputError& error) {
        said = error.what();
      }
    }
    CHECK(said == (folder / "f").string() + ": cannot write: File too large; make room or name another place");
    CHECK(read_text(folder / "f") == "before");
    CHECK(files_in(folder.path) == 1);
  }
}

TEST_CASE("a place that cannot be written is the user's mistake") {
  TemporaryFolder folder;
  CHECK_THROWS_AS(AtomicFile(folder / "none" / "f"), InputError);
  CHECK_THROWS_AS(AtomicFile(folder.path), InputError);
  CHECK_THROWS_AS(AtomicFile("/dev/full"), InputError);
}

TEST_CASE("a symbolic link is written through") {
  TemporaryFolder folder;
  write_text(folder / "real", "before");
  fs::create_symlink("real", folder / "link");
  write_atomically(folder / "link", "after");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_text(folder / "real") == "after");
}
