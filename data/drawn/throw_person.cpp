// Bones, looks, hair, and what people wear or hold before their faces.
#include <algorithm>

#include "data/drawn/tables.h"
#include "data/drawn/throw_sitting.h"

namespace lineament {
namespace {

constexpr Spread<Head> kBones[] = {
    {&Head::crown, 66, 3, 58, 74},         {&Head::nose_height, 0.97f, 0.12f, 0.65f, 1.4f},
    {&Head::brow_ridge, 3, 1.2f, 0, 6},    {&Head::cheeks, 2.5f, 1.2f, 0, 6},
    {&Head::eye_depth, 3, 1, 0.5f, 6},     {&Head::iris_size, 3.6f, 0.3f, 2.9f, 4.5f},
    {&Head::gaze_x, 0, 1.1f, -2.6f, 2.6f}, {&Head::gaze_y, 0, 0.5f, -1.2f, 1.2f},
    {&Head::lid_crease, 2.8f, 1.3f, 0, 6}, {&Head::brow_thickness, 3.8f, 1.1f, 1.2f, 7},
};
constexpr Range<Head> kLooks[] = {
    {&Head::skin, 1, 0.28f, 0.85f},
    {&Head::mottle, 1, 0.02f, 0.14f},
    {&Head::lips, 1, 0.65f, 1},
    {&Head::iris, 1, 0.02f, 0.14f},
    {&Head::iris, 0.25f, 0.14f, 0.35f},
    {&Head::pupil, 1, 1, 2},
    {&Head::catchlight, 1, 0, 0.9f},
    {&Head::liner, 1, 0.2f, 1},
    {&Head::bags, 1, 0, 0.4f},
    {&Head::bags, 0.25f, 0.3f, 1},
    {&Head::brow_cover, 1, 0.3f, 0.9f},
    {&Head::teeth, 0.8f, 0.6f, 1.1f},
    {&Head::folds, 1, 0, 0.5f},
    {&Head::folds, 0.25f, 0.4f, 1.1f},
    {&Head::wrinkles, 1, 0, 0.14f},
    {&Head::wrinkles, 0.3f, 0.2f, 1},
    {&Head::freckles, 0.08f, 0.3f, 1},
    {&Head::hair_tone, 1, 0.02f, 0.16f},
    {&Head::hair_tone, 0.27f, 0.2f, 0.6f},
    {&Head::hairline, 1, -44, -29},
    {&Head::hair_thickness, 1, 3, 9},
    {&Head::hair_thickness, 0.25f, 8, 20},
    {&Head::ragged, 1, 0, 9},
    {&Head::parting, 1, -22, 22},
};
constexpr Range<Head> kBeards[] = {
    {&Head::stubble, 0.35f, 0.2f, 1},
    {&Head::beard, 0.16f, 0.3f, 1},
    {&Head::moustache, 0.22f, 0.3f, 1},
};

}  // namespace

Head throw_head(const Crowd& crowd, Dice& dice) {
  Head head;
  const bool at_rest = dice.chance(crowd.at_rest);  // the others as people are at parties
  head.shape = throw_shape(dice, at_rest ? 0.75f : 1);
  if (at_rest) close_mouth(head.shape, 1);
  if (dice.chance(0.05f))  // asleep, or blinking
    for (int eye : {0, 1}) close_eye(head.shape, eye, dice.between(0.7f, 1));
  else if (dice.chance(0.12f))  // a squint
    for (int eye : {0, 1}) close_eye(head.shape, eye, dice.between(0.1f, 0.5f));
  throw_all(head, kBones, dice);
  throw_all(head, kLooks, dice);
  const float as_hair = head.hair_tone * dice.between(0.6f, 1.2f) + 0.02f;
  const float at_most = dice.between(0.35f, 0.65f) * head.skin;
  head.brow_tone = std::min(as_hair, at_most);
  const float which = dice.uniform();
  head.hair = which < 0.45f   ? Hair::kShort
              : which < 0.57f ? Hair::kFringe
              : which < 0.86f ? Hair::kLong
              : which < 0.91f ? Hair::kBald
              : which < 0.97f ? Hair::kCap
                              : Hair::kScarf;
  if (head.hair == Hair::kFringe) head.hairline = dice.between(-32, -13);
  if (head.hair == Hair::kCap) head.hairline = dice.between(-36, -16), head.hair_tone = dice.between(0.03f, 0.8f);
  if (head.hair == Hair::kScarf) head.hairline = dice.between(-36, -24), head.hair_tone = dice.between(0.03f, 0.8f);
  if (head.hair == Hair::kBald) head.hair_thickness = 0;
  head.fringe_slope = dice.normal(0, head.hair == Hair::kCap ? 0.06f : 0.2f);
  if (head.hair == Hair::kShort && dice.chance(0.35f)) head.temples = dice.between(4, 16);
  if (head.hair != Hair::kLong && head.hair != Hair::kScarf) throw_all(head, kBeards, dice);
  head.texture = uint32_t(dice.bits());
  return head;
}

Locks throw_locks(const Head& head, Dice& dice) {
  Locks locks;
  if (head.hair == Hair::kLong) {
    locks.length = dice.between(20, 95);
    locks.forward = dice.chance(0.5f) ? dice.between(-2, 4) : dice.between(2, 14);
  }
  if (head.hair == Hair::kBald || head.hair == Hair::kCap || head.hair == Hair::kScarf) return locks;
  const bool over_brows = dice.chance(head.hair == Hair::kLong ? 0.35f : 0.2f);
  locks.loose = over_brows ? int(dice.between(8, 60)) : int(dice.between(0, 6));
  locks.loose_fall = over_brows ? dice.between(8, 50) : dice.between(4, 20);
  return locks;
}

Glasses throw_glasses(Dice& dice) {
  Glasses glasses;
  if (!dice.chance(0.17f)) return glasses;
  glasses.rim = dice.chance(0.4f) ? dice.between(0.5f, 1) : dice.between(1, 2.6f);
  glasses.tone = dice.chance(0.75f) ? dice.between(0.02f, 0.2f) : dice.between(0.3f, 0.8f);
  glasses.width = dice.between(10.5f, 14);
  glasses.height = dice.between(6, 11);
  glasses.square = dice.between(2, 5);
  glasses.drop = dice.between(0, 3);
  if (dice.chance(0.12f)) glasses.tint = dice.between(0.5f, 0.95f);
  if (dice.chance(0.35f)) glasses.glare = dice.between(0.1f, 0.7f);
  return glasses;
}

Hand throw_hand(float skin, Dice& dice) {
  Hand hand;
  if (!dice.chance(0.09f)) return hand;
  hand.fingers = 1 + int(dice.between(0, 4));
  const bool other = dice.chance(0.3f);  // a cup, a telephone, a scarf
  hand.tone = other ? dice.between(0.03f, 0.9f) : skin * dice.between(0.85f, 1.1f);
  hand.towards = int(dice.between(0, 17));
  hand.reach = dice.between(-8, 15);
  hand.angle = dice.normal(0, 0.7f);
  hand.thick = other ? dice.between(4, 12) : dice.between(3.4f, 5);
  return hand;
}

}  // namespace lineament
