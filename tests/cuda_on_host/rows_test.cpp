// How reductions over rows are cut: every row once, enough blocks and not too many, of threads that a block
// may have.
#include <doctest/doctest.h>

#include "kernels/cuda/rows.h"

using namespace lineament;

TEST_CASE("rows: a cut takes every row and every channel, in blocks that a GPU takes") {
  for (int64_t groups : {1, 3, 700})
    for (int64_t rows : {1, 2, 97, 4096, 64 * 96 * 96})
      for (int64_t channels : {1, 3, 8, 24, 255, 256, 257, 1032, 4096})
        for (int pack : {1, 4, 8}) {
          if (channels % pack) continue;
          CAPTURE(groups);
          CAPTURE(rows);
          CAPTURE(channels);
          CAPTURE(pack);
          const RowCut cut = cut_to_reduce(groups, rows, channels, pack);
          CHECK(cut.threads() <= kBlockThreads);
          CHECK((cut.at_once == rows || cut.threads() > kBlockThreads / 2 - 1));
          CHECK(cut.slice_rows % cut.at_once == 0);
          CHECK(cut.slices * cut.slice_rows >= rows);
          CHECK((cut.slices - 1) * cut.slice_rows < rows);
          CHECK(int64_t{cut.chunks} * cut.lanes * pack >= channels);
          if (cut.slices == 1) continue;
          CHECK(cut.at_once >= pack);              // teams of the last block
          CHECK(groups * cut.chunks <= kTickets);  // one for each of those that wait for their last
          CHECK(cut.slices <= kReduceSlices);
          CHECK(cut.blocks(groups) <= kReduceBlocks);
          if (rows * channels > 100'000'000) CHECK(cut.blocks(groups) > kReduceBlocks / 4);
        }
}
