#include "data/drawn/throw_sitting.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lineament {
namespace {

constexpr float kDegree = float(std::numbers::pi / 180);

/// Nearly normal, cut off at both ends.
template <typename T>
struct Spread {
  float T::*what;
  float mean, deviation, low, high;
};
/// Uniform, for this share of the throws; the others keep what they have.
template <typename T>
struct Range {
  float T::*what;
  float chance, low, high;
};

template <typename T, size_t N>
void throw_all(T& value, const Spread<T> (&table)[N], Dice& dice) {
  for (const Spread<T>& s : table) value.*s.what = std::clamp(dice.normal(s.mean, s.deviation), s.low, s.high);
}
template <typename T, size_t N>
void throw_all(T& value, const Range<T> (&table)[N], Dice& dice) {
  for (const Range<T>& r : table) {
    const bool taken = dice.chance(r.chance);
    const float thrown = dice.between(r.low, r.high);
    if (taken) value.*r.what = thrown;
  }
}

/// Shares of faces at rest, and of heads that are turned aside.
struct Crowd {
  float at_rest, aside;
};
constexpr Crowd crowd_of(Framing framing) { return framing == Framing::contest ? Crowd{0.4f, 0.2f} : Crowd{0.15f, 0.5f}; }

constexpr Spread<Head> kBones[] = {
    {&Head::crown, 66, 3, 58, 74},
    {&Head::nose_height, 0.97f, 0.12f, 0.65f, 1.4f},
    {&Head::brow_ridge, 3, 1.2f, 0, 6},
    {&Head::cheeks, 2.5f, 1.2f, 0, 6},
    {&Head::eye_depth, 3, 1, 0.5f, 6},
    {&Head::iris_size, 3.6f, 0.3f, 2.9f, 4.5f},
    {&Head::gaze_x, 0, 1.1f, -2.6f, 2.6f},
    {&Head::gaze_y, 0, 0.5f, -1.2f, 1.2f},
    {&Head::lid_crease, 2.8f, 1.3f, 0, 6},
    {&Head::brow_thickness, 3.8f, 1.1f, 1.2f, 7},
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
  head.brow_tone = std::min(head.hair_tone * dice.between(0.6f, 1.2f) + 0.02f, dice.between(0.35f, 0.65f) * head.skin);
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
  if (head.hair == Hair::kLong) locks.length = dice.between(20, 95), locks.forward = dice.chance(0.5f) ? dice.between(-2, 4) : dice.between(2, 14);
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
  hand.reach = dice.between(-6, 20);
  hand.angle = dice.normal(0, 0.7f);
  hand.thick = other ? dice.between(4, 12) : dice.between(3.4f, 5);
  return hand;
}

Pose throw_pose(const Crowd& crowd, Dice& dice) {
  Pose pose;
  const float kind = dice.uniform(), side = dice.chance(0.5f) ? -1.0f : 1.0f;  // most look at us, some aside
  pose.yaw = kDegree * (kind < 0.02f ? side * dice.between(30, 60) : dice.normal(0, kind < 0.02f + crowd.aside ? 19 : 9));
  pose.pitch = kDegree * std::clamp(dice.normal(-1, 8), -28.0f, 28.0f);
  pose.roll = kDegree * dice.normal(-0.6f, dice.chance(0.15f) ? 13.0f : 6.0f);
  pose.distance = dice.chance(0.2f) ? dice.between(150, 260) : dice.between(260, 700);
  pose.size = dice.normal(1, 0.0725f);
  pose.shift_x = dice.normal(0, 1.26f);
  pose.shift_y = dice.normal(0, 2);
  return pose;
}

Light throw_light(Dice& dice) {
  Light light;
  const bool hard = dice.chance(0.14f);
  const float x = hard ? dice.normal(0, 0.9f) : dice.normal(0, 0.33f), y = dice.normal(-0.32f, 0.3f), z = hard ? dice.between(0.1f, 0.8f) : dice.between(0.4f, 1);
  light.towards = unit({x, y, z});
  light.ambient = hard ? dice.between(0.1f, 0.35f) : dice.between(0.4f, 0.8f);
  light.lamp = std::max(0.15f, (hard ? 1.25f : 1.1f) - light.ambient + dice.normal(0, 0.1f));
  light.gloss = dice.chance(0.2f) ? dice.between(0.1f, 0.3f) : dice.between(0, 0.08f);
  light.soft = hard ? dice.between(0, 0.15f) : dice.between(0.15f, 0.7f);
  light.shadow = hard ? dice.between(0.6f, 1) : dice.between(0, 0.6f);
  light.hollows = dice.between(0.005f, 0.035f);
  if (dice.chance(0.15f)) light.rim = dice.between(0.2f, 0.6f) * unit({dice.chance(0.5f) ? -1.0f : 1.0f, dice.between(-0.6f, 0.2f), dice.between(-0.5f, 0.1f)});
  return light;
}

constexpr Range<Backdrop> kBackdrops[] = {
    {&Backdrop::tone, 1, 0.02f, 0.3f},
    {&Backdrop::tone, 0.45f, 0.2f, 0.7f},
    {&Backdrop::coarse, 1, 0, 0.3f},
    {&Backdrop::fine, 0.25f, 0.03f, 0.25f},
    {&Backdrop::stripes, 0.12f, 0.05f, 0.5f},
    {&Backdrop::stripe_angle, 1, 0, 3.1f},
    {&Backdrop::stripe_width, 1, 4, 30},
    {&Backdrop::soft, 1, 0.5f, 5},
};

Backdrop throw_backdrop(Dice& dice) {
  Backdrop backdrop;
  backdrop.fine = 0;
  throw_all(backdrop, kBackdrops, dice);
  backdrop.slope_x = dice.normal(0, 0.2f);
  backdrop.slope_y = dice.normal(0, 0.2f);
  backdrop.shapes = int(dice.between(0, 11));
  backdrop.texture = dice.bits();
  return backdrop;
}

constexpr Range<Film> kFilms[] = {
    {&Film::blur, 1, 0, 1},
    {&Film::blur, 0.28f, 1, 4},
    {&Film::motion_x, 0.06f, -4, 4},
    {&Film::motion_y, 0.06f, -3, 3},
    {&Film::sharpen, 0.25f, 0.2f, 0.7f},
    {&Film::gain, 1, 0.85f, 1.05f},
    {&Film::offset, 1, -0.02f, 0.08f},
    {&Film::gamma, 0.6f, 0.75f, 1.3f},
    {&Film::grain, 1, 0, 1.5f},
    {&Film::grain, 0.15f, 1.5f, 7},
    {&Film::compression, 0.4f, 4, 20},
};

Film throw_film(float skin, Dice& dice) {
  Film film;
  film.exposure = std::clamp(dice.normal(0.36f, 0.1f) + 0.22f * skin, 0.15f, 0.8f);  // meters make dark skin bright, not light
  throw_all(film, kFilms, dice);
  if (dice.chance(0.12f))
    for (int& px : film.beyond)
      if (dice.chance(0.4f)) px = int(dice.between(1, 16));
  film.texture = dice.bits();
  return film;
}

}  // namespace

Sitting throw_sitting(Dice& dice, Framing framing) {
  const Crowd crowd = crowd_of(framing);
  Sitting sitting;
  sitting.framing = framing;
  sitting.head = throw_head(crowd, dice);
  sitting.locks = throw_locks(sitting.head, dice);
  sitting.glasses = throw_glasses(dice);
  sitting.hand = throw_hand(sitting.head.skin, dice);
  sitting.clothes = dice.chance(0.6f) ? dice.between(0.02f, 0.25f) : dice.between(0.2f, 0.8f);
  sitting.collar = sitting.head.shape[8].y + dice.between(12, 40);
  sitting.pose = throw_pose(crowd, dice);
  sitting.light = throw_light(dice);
  sitting.backdrop = throw_backdrop(dice);
  sitting.film = throw_film(sitting.head.skin, dice);
  return sitting;
}

}  // namespace lineament
