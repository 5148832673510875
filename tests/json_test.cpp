// Texts that are no UTF-8 in JSON: as Python's surrogateescape writes them, and back to the same bytes.
#include "base/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

Json back(const Json& value) { return parse_json(json_text(value), "test"); }

}  // namespace

TEST_CASE("any bytes come back from JSON as they were, as a text, in a list and as a key") {
  const std::string texts[] = {
      "caf\xe9.png",           "\xff",          "\x80\xbf",         "\xc3\xa9 and \xe9",  "\xed\xa0\x80 is a surrogate",
      "\xf4\x90\x80\x80",      "\xc0\xaf long", "\xef\xb7\x90",     "\xef\xb7\x9e\xef\xb7\x99",  // characters that mark bytes
      "\xef\xb7\x90\xe9 both", "\\udce9",       "\\\\udce9 \xe9",   "\xf0\x9f\x98\x80\xf0\x9f"};
  for (const std::string& text : texts) {
    CAPTURE(json_text(text));
    CHECK(is_utf8(json_text(text)));
    CHECK(back(text).get<std::string>() == text);
    CHECK(back(Json{{"list", {text, 1}}})["list"][0].get<std::string>() == text);
    CHECK(back(Json{{text, 1}}).contains(text));
  }
}

TEST_CASE("a byte that is no UTF-8 is written as Python's surrogateescape has it, all else as it is") {
  CHECK(json_text("caf\xe9") == "\"caf\\udce9\"");
  CHECK(json_text("caf\xc3\xa9 \xef\xb7\x90") == "\"caf\xc3\xa9 \xef\xb7\x90\"");
  CHECK(json_text(Json{{"a", {1, 2.5, nullptr, true}}}) == R"({"a":[1,2.5,null,true]})");
  CHECK(parse_json(R"("\udce9\ufdd0\ud83d\ude00")", "test").get<std::string>() == "\xe9\xef\xb7\x90\xf0\x9f\x98\x80");
}

TEST_CASE("surrogates that stand for no byte are refused") {
  for (const char* text : {R"("\udc00")", R"("\udc7f")", R"("\ud83d")", R"("\ude00\ud83d")"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_json(text, "test"), InputError);
  }
}

TEST_CASE("what is UTF-8") {
  for (const char* text : {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) CHECK(is_utf8(text));
  for (const char* text :
       {"\x80", "\xc3", "\xc1\x81", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80", "a\xff"})
    CHECK(!is_utf8(text));
}

}  // namespace lineament
