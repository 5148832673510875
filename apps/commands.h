// The subcommands of `lineament`, one file each: every function adds its options and what to run.
#pragma once
#include <CLI/CLI.hpp>

namespace lineament {

void add_train(CLI::App& app);
void add_stack(CLI::App& app);
void add_audit(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_predict(CLI::App& app);
void add_submit(CLI::App& app);
void add_describe(CLI::App& app);
void add_impute(CLI::App& app);
void add_convert(CLI::App& app);
void add_weights(CLI::App& app);
void add_augment(CLI::App& app);
void add_classify(CLI::App& app);
void add_plan(CLI::App& app);
void add_bench(CLI::App& app);
void add_study(CLI::App& app);
void add_report(CLI::App& app);
void add_compare(CLI::App& app);

}  // namespace lineament
