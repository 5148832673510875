// The measured faces behind drawn ones, as numbers: a mean and ways to differ from it.
#pragma once

namespace lineament {

inline constexpr int kEvenCount = 14, kOddCount = 8, kQuantiles = 9;
using HalfShape = short[78];  // x, y of 39 points

extern const HalfShape kMeanShape;
extern const HalfShape kEvenModes[kEvenCount], kOddModes[kOddCount];
extern const float kEvenThrows[kEvenCount][kQuantiles];

}  // namespace lineament
