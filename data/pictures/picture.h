// Pictures in and out: jpg and png files to grey or RGB bytes, resized and cut to size, and back to png.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/face_crop.h"
#include "data/faces.h"

namespace lineament {

/// Row-major bytes, `channels` of them to a pixel: 1 is grey, 3 is RGB.
struct Picture {
  int width = 0, height = 0, channels = 1;
  std::vector<uint8_t> pixels;

  uint8_t& at(int x, int y, int c = 0) { return pixels[(size_t(y) * width + x) * channels + c]; }
  uint8_t at(int x, int y, int c = 0) const { return pixels[(size_t(y) * width + x) * channels + c]; }
};

/// A picture of one brightness.
Picture plain_picture(int width, int height, int channels, uint8_t tone = 0);

inline constexpr size_t kMaxPixels = 100'000'000;  // of a picture that is read

struct PictureSize {
  int width = 0, height = 0;
  bool operator==(const PictureSize&) const = default;
};

/// What is asked of a picture that is read.
struct Decoding {
  int channels = 0;  // 1: grey, 3: RGB, 0: whichever it is
  /// How many times coarser than it is stored would do; none: not at all. jpgs alone come coarser, by 2, 4 or 8.
  std::function<double(PictureSize stored)> reduction = {};
};

/// Pixel x of `picture` covers `reduction` of the stored ones: stored x = (x + 0.5) * reduction - 0.5.
struct DecodedPicture {
  Picture picture = {};
  PictureSize stored = {};
  int reduction = 1;
};

/// A jpg, png, bmp, gif or pgm file as grey or RGB; transparency is dropped. InputError if the file cannot be
/// read, is no picture, is cut short or has more than kMaxPixels.
Picture read_picture(const std::filesystem::path& path);
/// The same of a photograph, a jpg by libjpeg-turbo: as fine as it is asked for, any colour space; its pixels may differ from
/// those above by a few units.
DecodedPicture read_picture(const std::filesystem::path& path, const Decoding& how);

/// As its header says: what follows may be damaged. InputError otherwise as read_picture().
PictureSize read_picture_size(const std::filesystem::path& path);

/// The bytes of a png file.
std::string png(const Picture& picture);

/// `path` is written whole or not at all; errors as AtomicFile's.
void write_png(const std::filesystem::path& path, const Picture& picture);

/// One row of a data set.
Picture face_picture(const Faces& faces, size_t row);

/// Brightness as ITU-R BT.601 weighs red, green and blue.
Picture to_grey(const Picture& picture);
Picture to_rgb(const Picture& picture);

/// Each new pixel is a weighted mean of those around its place, the weights a triangle: linear interpolation
/// where the picture grows; where it shrinks the triangle is wide enough to miss none.
Picture resize(const Picture& picture, int width, int height);

/// What lies in `width` x `height` px from (x, y); beyond its edges a picture goes on as it ends.
Picture crop(const Picture& picture, int x, int y, int width, int height);

/// What lies in any box, as a picture of `width` x `height`: one resampling, by the weights of resize(), edges as crop()'s.
Picture cut(const Picture& picture, const FaceBox& box, int width, int height);

}  // namespace lineament
