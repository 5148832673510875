// A csv file row by row: fields are views, every complaint says file:line.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/formats/archive.h"

namespace lineament {

/// Accepts a UTF-8 byte order mark, CRLF, fields in plain "quotes", a last line without its newline and blank
/// lines at the end. Anything else is an InputError: `training.csv:1203: 12 fields, expected 31`. Line 1 is
/// the header. Memory stays bounded whatever comes: a row has at most kMaxRowBytes, a file kMaxRows.
class CsvReader {
 public:
  static constexpr size_t kMaxRowBytes = size_t{1} << 22;  // pixels of 512x512 in colour take under 3.2 MB
  static constexpr size_t kMaxRows = 200'000;              // the contest has 7,049

  /// Reads the header, in which no name may come twice.
  explicit CsvReader(TextStream source);

  const std::vector<std::string>& header() const { return header_; }
  /// Goes to the next row; false at the end. A file without any row is an InputError.
  bool next();
  /// As many as the header has; valid until next().
  std::span<const std::string_view> fields() const { return fields_; }

  /// The column of that name; InputError if there is none.
  size_t column(std::string_view name);
  /// A field of this row as a number from 1, else InputError: ids are these.
  int id(size_t column);

  /// Throws InputError at the current line. A damaged archive explains
  /// any nonsense in it, so that is looked for first.
  [[noreturn]] void fail(const std::string& what);
  /// Throws InputError for one field of the row: `column nose_tip_x is "abc", expected a number`.
  [[noreturn]] void fail_field(size_t column, const std::string& expected);

 private:
  bool next_line();
  void split();

  TextStream source_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // what of the buffer is not yet taken
  std::string_view text_;       // the current line
  bool cut_ = false;            // it ended with the file, not with a newline
  size_t line_ = 0;
  std::vector<std::string> header_;
  std::vector<std::string_view> fields_;
};

/// `text` as a field: in quotes where it holds commas, quotes or ends of lines, for spreadsheets; CsvReader splits at every comma.
std::string csv_field(const std::string& text);

/// `text` as it may be shown in an error: short and printable, in quotes.
std::string excerpt(std::string_view text);

}  // namespace lineament
