// A picture of a head and its points, through one camera.
#pragma once
#include <array>
#include <cstdint>

#include "data/contest.h"
#include "data/drawn/backdrop.h"
#include "data/drawn/before_face.h"
#include "data/drawn/film.h"
#include "data/drawn/hair.h"
#include "data/drawn/light.h"

namespace lineament {

/// What a crop is made by.
enum class Framing {
  contest,  // the contest's points: their middle and their spread
  box,      // the box of 300-W's points and a third more, as photographs are cut for training
};

/// All that a portrait shows and how it is taken.
struct Sitting {
  Head head;
  Locks locks;
  Glasses glasses;
  Hand hand;
  float clothes = 0.3f, collar = 92;  // brightness; px below the eyes where they begin
  Pose pose;
  Framing framing = Framing::contest;
  Light light;
  Backdrop backdrop;
  Film film;
};

/// The points of both sets that are built in.
struct SeenPoints {
  Keypoints contest15, ibug68;
};

/// The points of a head as the camera sees them, those hidden by nose, hair or hands too; the jaw's lie on its visible
/// outline. They may lie outside the picture.
SeenPoints points_in_picture(const Head& head, const Pose& pose, Framing framing = Framing::contest);

std::array<uint8_t, contest::kPixels> draw_portrait(const Sitting& sitting);

}  // namespace lineament
