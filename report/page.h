// HTML by hand: text made safe, pictures as data, and the shell that sections of a page stand in.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/grouped.h"
#include "report/chart.h"

namespace lineament {

/// Safe as HTML text and within an attribute's quotes.
std::string escaped(std::string_view text);

/// RFC 4648.
std::string base64(std::string_view bytes);

/// A fixed number of decimals; "–" for what is not finite.
std::string fixed(double value, int decimals);
std::string percent(double share, int decimals = 1);

/// A chart in a frame, with a caption of HTML below; the chart's own title is for those who cannot see it.
std::string figure(const Chart& chart, std::string_view caption);

struct PageSection {
  std::string id;     // of the link to it
  std::string title;  // text
  std::string body;   // HTML
};

/// `head`, HTML, stands between the title and the sections.
std::string html_page(std::string_view title, std::string_view head, std::span<const PageSection> sections);

/// All of the page's looks: light and dark, wide and narrow.
std::string_view report_style();

}  // namespace lineament
