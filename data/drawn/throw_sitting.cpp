// The way a portrait is taken: pose, light, what lies behind, film.
#include "data/drawn/throw_sitting.h"

#include <algorithm>
#include <numbers>

#include "data/drawn/tables.h"

namespace lineament {
namespace {

constexpr float kDegree = float(std::numbers::pi / 180);

constexpr Crowd crowd_of(Framing framing) {
  return framing == Framing::contest ? Crowd{0.4f, 0.2f} : Crowd{0.15f, 0.5f};
}

Pose throw_pose(const Crowd& crowd, Dice& dice) {
  Pose pose;
  const float kind = dice.uniform(), side = dice.chance(0.5f) ? -1.0f : 1.0f;  // most look at us, some aside
  const float spread = kind < 0.02f + crowd.aside ? 19 : 9;
  pose.yaw = kDegree * (kind < 0.02f ? side * dice.between(30, 60) : dice.normal(0, spread));
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
  const float x = dice.normal(0, hard ? 0.9f : 0.33f), y = dice.normal(-0.32f, 0.3f);
  light.towards = unit({x, y, hard ? dice.between(0.1f, 0.8f) : dice.between(0.4f, 1)});
  light.ambient = hard ? dice.between(0.1f, 0.35f) : dice.between(0.4f, 0.8f);
  light.lamp = std::max(0.15f, (hard ? 1.25f : 1.1f) - light.ambient + dice.normal(0, 0.1f));
  light.gloss = dice.chance(0.2f) ? dice.between(0.1f, 0.3f) : dice.between(0, 0.08f);
  light.soft = hard ? dice.between(0, 0.15f) : dice.between(0.15f, 0.7f);
  light.shadow = hard ? dice.between(0.6f, 1) : dice.between(0, 0.6f);
  light.hollows = dice.between(0.005f, 0.035f);
  if (dice.chance(0.15f)) {
    const Vec3 towards = {dice.chance(0.5f) ? -1.0f : 1.0f, dice.between(-0.6f, 0.2f), dice.between(-0.5f, 0.1f)};
    light.rim = dice.between(0.2f, 0.6f) * unit(towards);
  }
  return light;
}

constexpr Range<Backdrop> kBackdrops[] = {
    {&Backdrop::tone, 1, 0.02f, 0.3f},        {&Backdrop::tone, 0.45f, 0.2f, 0.7f},
    {&Backdrop::coarse, 1, 0, 0.3f},          {&Backdrop::fine, 0.25f, 0.03f, 0.25f},
    {&Backdrop::stripes, 0.12f, 0.05f, 0.5f}, {&Backdrop::stripe_angle, 1, 0, 3.1f},
    {&Backdrop::stripe_width, 1, 4, 30},      {&Backdrop::soft, 1, 0.5f, 5},
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
  film.exposure = std::clamp(dice.normal(0.36f, 0.1f) + 0.22f * skin, 0.15f, 0.8f);  // meters lighten dark skin in part
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
