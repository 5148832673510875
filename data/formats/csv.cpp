// Lines from a stream, fields from lines, and complaints that say where: CsvReader.
#include "data/formats/csv.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <unordered_set>

#include "base/check.h"

namespace lineament {
namespace {

constexpr size_t kBlock = size_t{1} << 18;
constexpr size_t kDrainBytes = size_t{1} << 30;  // how far to look for damage that would explain a bad row

std::string_view strip_quotes(std::string_view field) {
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return field;
  return field.substr(1, field.size() - 2);
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string excerpt(std::string_view text) {
  constexpr size_t kShown = 24;
  std::string shown = "\"";
  for (char c : text.substr(0, kShown)) shown += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
  return shown + (text.size() > kShown ? "...\"" : "\"");
}

CsvReader::CsvReader(TextStream source) : source_(std::move(source)), buffer_(kBlock) {
  if (!next_line()) fail_input("{}: empty file, expected a csv table", source_.name);
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  split();
  std::unordered_set<std::string_view> seen;
  for (std::string_view name : fields_) {
    if (!seen.insert(name).second) fail("column " + excerpt(name) + " comes twice");
    header_.emplace_back(name);
  }
}

bool CsvReader::next() {
  if (!next_line()) {
    if (line_ < 2) fail_input("{}: a header and no rows", source_.name);
    return false;
  }
  if (text_.empty()) {  // fine at the end, not in the middle
    const size_t blank = line_;
    while (next_line())
      if (!text_.empty()) fail(fmt::format("a row after blank line {}: remove the blank line", blank));
    if (blank == 2) fail_input("{}: a header and no rows", source_.name);
    return false;
  }
  if (line_ - 1 > kMaxRows) fail(fmt::format("more than {} rows: not a file of the contest", kMaxRows));
  split();
  if (fields_.size() != header_.size())
    fail(fmt::format("{} fields, expected {} as in the header", fields_.size(), header_.size()));
  return true;
}

bool CsvReader::next_line() {
  size_t searched = 0;
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const size_t held = end_ - begin_;
    const auto* newline = static_cast<const char*>(std::memchr(start + searched, '\n', held - searched));
    const size_t length = newline ? static_cast<size_t>(newline - start) : held;
    if (length > kMaxRowBytes) {
      ++line_;
      fail(fmt::format("a row of more than {} bytes: not a file of the contest", kMaxRowBytes));
    }
    if (!newline) {
      searched = held;
      std::memmove(buffer_.data(), start, held);
      begin_ = 0;
      end_ = held;
      if (2 * held > buffer_.size()) buffer_.resize(2 * buffer_.size());
      const size_t count = source_.read({buffer_.data() + end_, buffer_.size() - end_});
      end_ += count;
      if (count > 0) continue;
      if (held == 0) return false;
    }
    text_ = {buffer_.data() + begin_, length};
    if (text_.ends_with('\r')) text_.remove_suffix(1);
    begin_ += length + (newline ? 1 : 0);
    cut_ = !newline;
    ++line_;
    return true;
  }
}

void CsvReader::split() {
  fields_.clear();
  const char* at = text_.data();
  const char* const end = at + text_.size();
  for (;;) {
    const auto* comma = static_cast<const char*>(std::memchr(at, ',', static_cast<size_t>(end - at)));
    fields_.push_back(strip_quotes({at, static_cast<size_t>((comma ? comma : end) - at)}));
    if (!comma) return;
    at = comma + 1;
  }
}

size_t CsvReader::column(std::string_view name) {
  const auto found = std::ranges::find(header_, name);
  if (found == header_.end()) fail(fmt::format("column {} is missing from the header", name));
  return static_cast<size_t>(found - header_.begin());
}

int CsvReader::id(size_t column) {
  const std::string_view text = fields_[column];
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || value < 1)
    fail_field(column, "a whole number from 1");
  return value;
}

void CsvReader::fail(const std::string& what) {
  const std::string hint = cut_ ? "; the file ends within this line: it may be cut short" : "";
  size_t drained = 0;
  while (drained < kDrainBytes) {
    const size_t count = source_.read(buffer_);
    if (count == 0) break;
    drained += count;
  }
  fail_input("{}:{}: {}{}", source_.name, line_, what, hint);
}

void CsvReader::fail_field(size_t column, const std::string& expected) {
  fail(fmt::format("column {} is {}, expected {}", header_[column], excerpt(fields_[column]), expected));
}

}  // namespace lineament
