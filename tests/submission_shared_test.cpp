// `lineament submit` on the contest's own test set: the file that it scores, checked as it checks it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "data/formats/submission.h"
#include "tests/support.h"

using namespace lineament;

TEST_CASE("1,057 real faces are submitted with the lookup table's rows, in its order, within the picture") {
  const auto shared = test::shared_folder();
  if (!shared || !test::fs::exists(*shared / "data/IdLookupTable.csv"))
    return test::skip("no shared folder with test.zip and IdLookupTable.csv beside this checkout");
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& arguments) {
    return std::system(
        fmt::format("cd '{}' && '{}' {} >out 2>err", folder.path.string(), LINEAMENT_COMMAND, arguments)
            .c_str());
  };
  REQUIRE(run("train --model dense2 --rows 150 --dev-rows 11 --epochs 1 --out run") == 0);
  REQUIRE(run(fmt::format("submit run --data '{}'", (*shared / "data").string())) == 0);

  const test::fs::path file = folder / "submission.csv";
  const std::vector<Lookup> lookup = read_lookup(*shared / "data/IdLookupTable.csv");
  check_submission(file, lookup);
  CHECK(test::read_text(folder / "out").find("1057 faces") != std::string::npos);

  std::ifstream rows(file);  // and once more, by hand
  std::string line;
  std::getline(rows, line);
  CHECK(line == "RowId,Location");
  size_t count = 0;
  for (; std::getline(rows, line); ++count) {
    const size_t comma = line.find(',');
    REQUIRE(comma != line.npos);
    const double id = test::number(line.substr(0, comma)), location = test::number(line.substr(comma + 1));
    REQUIRE(count < lookup.size());
    CHECK(id == lookup[count].row_id);
    CHECK(location >= 0);
    CHECK(location <= 96);
  }
  CHECK(count == lookup.size());
}
