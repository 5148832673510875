// The sets that need no file: the contest's 15 points and 300-W's 68.
#include "data/keypoint_set.h"

namespace lineament {
namespace {

/// Lines through the points of each chain, given by their indices from 0.
std::vector<std::array<int, 2>> chains(std::initializer_list<std::vector<int>> lists) {
  std::vector<std::array<int, 2>> lines;
  for (const std::vector<int>& list : lists)
    for (size_t i = 1; i < list.size(); ++i) lines.push_back({list[i - 1], list[i]});
  return lines;
}

/// first, first + 1 ... last, and `first` again where the chain closes.
std::vector<int> chain(int first, int last, bool closes = false) {
  std::vector<int> list;
  for (int k = first; k <= last; ++k) list.push_back(k);
  if (closes) list.push_back(first);
  return list;
}

KeypointSet make_contest15() {
  KeypointSet set = keypoint_set_of(
      "contest15",
      {"left_eye_center", "right_eye_center", "left_eye_inner_corner", "left_eye_outer_corner", "right_eye_inner_corner",
       "right_eye_outer_corner", "left_eyebrow_inner_end", "left_eyebrow_outer_end", "right_eyebrow_inner_end",
       "right_eyebrow_outer_end", "nose_tip", "mouth_left_corner", "mouth_right_corner", "mouth_center_top_lip",
       "mouth_center_bottom_lip"},
      "contest15");
  set.lines = chains({{2, 0, 3}, {4, 1, 5}, {6, 7}, {8, 9}, {11, 13, 12, 14, 11}});
  return set;
}

KeypointSet make_ibug68() {
  KeypointSet set = keypoint_set_of(
      "ibug68",
      {// along the jaw, from the subject's right ear
       "jaw_right_1", "jaw_right_2", "jaw_right_3", "jaw_right_4", "jaw_right_5", "jaw_right_6", "jaw_right_7",
       "jaw_right_8", "chin", "jaw_left_8", "jaw_left_7", "jaw_left_6", "jaw_left_5", "jaw_left_4", "jaw_left_3",
       "jaw_left_2", "jaw_left_1",
       // brows
       "right_eyebrow_outer_end", "right_eyebrow_2", "right_eyebrow_3", "right_eyebrow_4", "right_eyebrow_inner_end",
       "left_eyebrow_inner_end", "left_eyebrow_4", "left_eyebrow_3", "left_eyebrow_2", "left_eyebrow_outer_end",
       // nose
       "nose_bridge_1", "nose_bridge_2", "nose_bridge_3", "nose_tip", "right_nostril_outer", "right_nostril_inner",
       "nose_base", "left_nostril_inner", "left_nostril_outer",
       // eyes
       "right_eye_outer_corner", "right_eye_upper_outer", "right_eye_upper_inner", "right_eye_inner_corner",
       "right_eye_lower_inner", "right_eye_lower_outer", "left_eye_inner_corner", "left_eye_upper_inner",
       "left_eye_upper_outer", "left_eye_outer_corner", "left_eye_lower_outer", "left_eye_lower_inner",
       // outline of the lips, then where they meet
       "mouth_right_corner", "mouth_right_top_lip_1", "mouth_right_top_lip_2", "mouth_center_top_lip",
       "mouth_left_top_lip_2", "mouth_left_top_lip_1", "mouth_left_corner", "mouth_left_bottom_lip_1",
       "mouth_left_bottom_lip_2", "mouth_center_bottom_lip", "mouth_right_bottom_lip_2", "mouth_right_bottom_lip_1",
       "mouth_right_inner_corner", "mouth_right_inner_top_lip", "mouth_center_inner_top_lip", "mouth_left_inner_top_lip",
       "mouth_left_inner_corner", "mouth_left_inner_bottom_lip", "mouth_center_inner_bottom_lip",
       "mouth_right_inner_bottom_lip"},
      "ibug68");
  set.lines = chains({chain(0, 16), chain(17, 21), chain(22, 26), chain(27, 30), chain(31, 35), chain(36, 41, true),
                      chain(42, 47, true), chain(48, 59, true), chain(60, 67, true)});
  set.derived = {{"right_eye_center", chain(36, 41)}, {"left_eye_center", chain(42, 47)}};
  return set;
}

}  // namespace

const KeypointSet& contest15() {
  static const KeypointSet set = make_contest15();
  return set;
}

const KeypointSet& ibug68() {
  static const KeypointSet set = make_ibug68();
  return set;
}

std::span<const KeypointSet* const> built_in_sets() {
  static const std::array sets = {&contest15(), &ibug68()};
  return sets;
}

}  // namespace lineament
