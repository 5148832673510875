// Numbers as people write them, and what is none.
#include "base/number.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "base/check.h"

using namespace lineament;

TEST_CASE("a number is decimal from its first byte to its last") {
  CHECK(read_number<int>("0") == 0);
  CHECK(read_number<int>("-12") == -12);
  CHECK(read_number<int>("2147483647") == 2147483647);
  CHECK(read_number<uint64_t>("18446744073709551615") == 18446744073709551615u);
  CHECK(read_number<double>("1e-3") == 1e-3);
  CHECK(read_number<double>(".5") == 0.5);
  CHECK(read_number<float>("0.1") == 0.1f);
  for (const char* text : {"", " 5", "5 ", "+5", "5x", "0x10", "010", "-01", "1e3", "5.0", "five", "2147483648", "-", "--5", "5,6"}) {
    CAPTURE(text);
    CHECK_FALSE(read_number<int>(text));
  }
  for (const char* text : {"", "nan", "inf", "-inf", "infinity", "1e999", "0x1p3", "00.5", "1,5", "1_000", "5 "}) {
    CAPTURE(text);
    CHECK_FALSE(read_number<double>(text));
  }
  CHECK_FALSE(read_number<uint64_t>("-1"));
  CHECK_FALSE(read_number<float>("1e39"));
}

TEST_CASE("bounds hold no NaN and say themselves") {
  CHECK(to_string(at_least(1)) == "1 or more");
  CHECK(to_string(within(0.0, 1.0)) == "0 to 1");
  CHECK(to_string(from_below(0.0f, 1.0f)) == "0 or more, below 1");
  CHECK(to_string(above(0.0f)) == "a number above 0");
  CHECK(to_string(between(0.0, 1.0)) == "a number between 0 and 1");
  CHECK(to_string(Bounds<int>{}) == "");
  CHECK(expected_number(Bounds<int>{}) == "a whole number");
  CHECK(expected_number(at_least(1)) == "a whole number, 1 or more");
  CHECK(expected_number(above(0.0)) == "a number above 0");
  CHECK(from_below(0.0, 1.0).hold(0));
  CHECK_FALSE(from_below(0.0, 1.0).hold(1));
  CHECK_FALSE(above(0.0).hold(0));
  CHECK_FALSE(at_least(0.0).hold(NAN));
  CHECK_FALSE(at_least(0.0).hold(INFINITY));
}

TEST_CASE("what is no number within its bounds is refused by who said it") {
  CHECK(parse_number<int>("7", "--batch", at_least(1)) == 7);
  CHECK_THROWS_WITH_AS(parse_number<int>("0", "--batch", at_least(1)), "--batch 0: expected 1 or more", InputError);
  CHECK_THROWS_WITH_AS(parse_number<int>("5x", "--batch", at_least(1)), "--batch 5x: expected a whole number, 1 or more",
                       InputError);
  CHECK_THROWS_WITH_AS(parse_number<int>("99999999999", "--batch", within(1, 64)), "--batch 99999999999: expected 1 to 64",
                       InputError);
  CHECK_THROWS_WITH_AS(parse_number<float>("5\n", "--rate", above(0.0f)), "--rate 5?: expected a number above 0", InputError);
}
