// A study as one page: finished runs beside each other, with the data, the curves, the errors and the faces.
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "train/finished_run.h"

namespace lineament {

struct ReportOptions {
  std::string title = "Facial keypoints: the study";
  std::string data;  // where the faces are now; empty: where each run says that they are
};

/// One HTML page that asks for nothing outside itself. Every run answers for its dev set anew. InputError where
/// there are no runs, or a run's weights or data are gone; RunError without gnuplot.
std::string report_page(std::span<const FinishedRun> runs, const ReportOptions& options = {});

/// The same as a file, written whole or not at all.
void write_report(const std::filesystem::path& path, std::span<const FinishedRun> runs,
                  const ReportOptions& options = {});

}  // namespace lineament
