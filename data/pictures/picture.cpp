// The codecs are stb's, and of photographs in jpg libjpeg-turbo's (jpeg.cpp); the arithmetic is here.
#include "data/pictures/picture.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/text_file.h"
#include "data/pictures/jpeg.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_TGA  // told by so little that much that is no picture would be one
#define STBI_NO_PSD
#define STBI_NO_PIC
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

namespace lineament {
namespace {

std::string read_bytes(const std::filesystem::path& path) {
  std::string bytes = read_text_file(path, "a picture");
  if (bytes.empty()) fail_input("{}: empty, expected a picture", path.string());
  return bytes;
}

/// A png says of each of its parts a checksum, which stb passes over: what is wrong in it would be a wrong picture.
void check_png(std::string_view bytes, const std::string& name) {
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  if (!bytes.starts_with(kSignature)) return;
  const auto number = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  for (size_t at = kSignature.size();;) {  // length, kind, data, checksum of kind and data
    if (bytes.size() - at < 12 || bytes.size() - at - 12 < number(at)) fail_input("{}: the picture is cut short", name);
    const size_t length = number(at);
    const std::string_view kind = bytes.substr(at + 4, 4);
    auto* covered = reinterpret_cast<unsigned char*>(const_cast<char*>(kind.data()));  // stb's only reads them
    if (stbiw__crc32(covered, static_cast<int>(length + 4)) != number(at + 8 + length))
      fail_input("{}: the picture is damaged (checksum of its {})", name, kind);
    if (kind == "IEND") return;  // what follows is none of it
    at += 12 + length;
  }
}

/// The bytes as stb asks for them. At their end it goes on with zeros, and a picture that was cut short is grey from there on;
/// here is seen that it asked for more. What follows a picture it never asks for.
struct Source {
  std::string_view bytes;
  size_t at = 0;
  bool ran_out = false;

  static constexpr int kRefill = 128;  // stb's buffer, which it fills ahead; it asks for as many pixels as it needs
  static int read(void* user, char* to, int count) {
    auto& source = *static_cast<Source*>(user);
    const size_t got = source.bytes.copy(to, static_cast<size_t>(count), source.at);
    source.at += got;
    source.ran_out |= got == 0 || (got < static_cast<size_t>(count) && count != kRefill);
    return static_cast<int>(got);
  }
  static void skip(void* user, int count) {
    auto& source = *static_cast<Source*>(user);
    const auto place = static_cast<int64_t>(source.at) + count;  // backwards too
    source.ran_out |= place > static_cast<int64_t>(source.bytes.size());
    source.at = static_cast<size_t>(std::clamp<int64_t>(place, 0, static_cast<int64_t>(source.bytes.size())));
  }
  static int at_end(void* user) {
    const auto& source = *static_cast<Source*>(user);
    return source.at == source.bytes.size();
  }
  static constexpr stbi_io_callbacks kCallbacks = {read, skip, at_end};
};

PictureSize stb_size(const std::string& bytes, const std::string& name, int* kept = nullptr) {
  int width = 0, height = 0, channels = 0;
  Source source{bytes};
  if (!stbi_info_from_callbacks(&Source::kCallbacks, &source, &width, &height, &channels))
    fail_input("{}: not a picture that can be read, expected jpg or png", name);
  if (size_t(width) * height > kMaxPixels)
    fail_input("{}: {}x{} pixels, at most 100 million can be read", name, width, height);
  if (kept) *kept = channels < 3 ? 1 : 3;  // transparency goes
  return {width, height};
}

Picture stb_picture(const std::string& bytes, const std::string& name) {
  int kept = 0, width = 0, height = 0, channels = 0;
  stb_size(bytes, name, &kept);
  check_png(bytes, name);
  Source source{bytes};
  std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_callbacks(&Source::kCallbacks, &source, &width, &height, &channels, kept), stbi_image_free);
  if (source.ran_out) fail_input("{}: the picture is cut short", name);
  if (!pixels) fail_input("{}: the picture is damaged ({})", name, stbi_failure_reason());
  return {width, height, kept, {pixels.get(), pixels.get() + size_t(width) * height * kept}};
}

/// Sources and weights of each new pixel along one axis.
struct Taps {
  int first;
  std::vector<float> weights;  // their sum is 1
};

std::vector<Taps> triangle_taps(int from, int to) {
  std::vector<Taps> all(to);
  double step = double(from) / to, reach = std::max(step, 1.0);
  for (int i = 0; i < to; ++i) {
    double centre = (i + 0.5) * step - 0.5;
    int first = std::max(0, int(std::ceil(centre - reach))),
        last = std::min(from - 1, int(std::floor(centre + reach)));
    Taps& taps = all[i];
    taps.first = first;
    double sum = 0;
    for (int j = first; j <= last; ++j) sum += reach - std::abs(j - centre);
    for (int j = first; j <= last; ++j) taps.weights.push_back(float((reach - std::abs(j - centre)) / sum));
  }
  return all;
}

/// New pixel i has its centre at start + i * step; what lies beyond an edge is the edge's pixel again.
std::vector<Taps> window_taps(int from, int to, double start, double step) {
  std::vector<Taps> all(to);
  const double reach = std::max(step, 1.0);
  for (int i = 0; i < to; ++i) {
    const double centre = start + i * step;
    const auto first = int64_t(std::ceil(centre - reach)), last = int64_t(std::floor(centre + reach));
    const auto inside = [&](int64_t j) { return int(std::clamp<int64_t>(j, 0, from - 1)); };
    std::vector<double> weights(inside(last) - inside(first) + 1);
    double sum = 0;
    for (int64_t j = first; j <= last; ++j) {
      const double weight = reach - std::abs(double(j) - centre);
      weights[inside(j) - inside(first)] += weight;
      sum += weight;
    }
    all[i].first = inside(first);
    for (double weight : weights) all[i].weights.push_back(float(weight / sum));
  }
  return all;
}

/// First across, then down.
Picture resample(const Picture& picture, const std::vector<Taps>& columns, const std::vector<Taps>& rows) {
  const int width = int(columns.size()), height = int(rows.size()), channels = picture.channels;
  int top = picture.height, bottom = 0;  // of the rows that are asked for
  for (const Taps& taps : rows) {
    top = std::min(top, taps.first);
    bottom = std::max(bottom, taps.first + int(taps.weights.size()));
  }
  const size_t stride = size_t(width) * channels;
  std::vector<float> wide(stride * (bottom - top));  // resampled across, not yet down
  for (int y = top; y < bottom; ++y) {
    const uint8_t* row = &picture.pixels[size_t(y) * picture.width * channels];
    float* out = &wide[(y - top) * stride];
    for (const Taps& taps : columns) {
      for (int c = 0; c < channels; ++c) {
        const uint8_t* at = row + size_t(taps.first) * channels + c;
        float sum = 0;
        for (float weight : taps.weights) sum += weight * *at, at += channels;
        *out++ = sum;
      }
    }
  }
  Picture out = plain_picture(width, height, channels);
  std::vector<float> sums(stride);
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(sums, 0.5f);  // rounds to the nearest
    for (size_t j = 0; j < rows[y].weights.size(); ++j) {
      const float* source = &wide[(rows[y].first - top + j) * stride];
      for (size_t i = 0; i < stride; ++i) sums[i] += rows[y].weights[j] * source[i];
    }
    for (size_t i = 0; i < stride; ++i) out.pixels[y * stride + i] = uint8_t(std::min(sums[i], 255.0f));
  }
  return out;
}

}  // namespace

Picture plain_picture(int width, int height, int channels, uint8_t tone) {
  return {width, height, channels, std::vector<uint8_t>(size_t(width) * height * channels, tone)};
}

Picture read_picture(const std::filesystem::path& path) {
  const std::string bytes = read_bytes(path), name = path.string();
  return stb_picture(bytes, name);
}

DecodedPicture read_picture(const std::filesystem::path& path, const Decoding& how) {
  const std::string bytes = read_bytes(path), name = path.string();
  if (is_jpeg(bytes)) return decode_jpeg(bytes, name, how);
  Picture picture = stb_picture(bytes, name);
  if (how.channels != 0) picture = how.channels == 1 ? to_grey(picture) : to_rgb(picture);
  const PictureSize stored{picture.width, picture.height};
  return {.picture = std::move(picture), .stored = stored};
}

PictureSize read_picture_size(const std::filesystem::path& path) {
  const std::string bytes = read_bytes(path), name = path.string();
  return is_jpeg(bytes) ? jpeg_size(bytes, name) : stb_size(bytes, name);
}

std::string png(const Picture& picture) {
  std::string bytes;
  auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
  };
  if (!stbi_write_png_to_func(append, &bytes, picture.width, picture.height, picture.channels,
                              picture.pixels.data(), picture.width * picture.channels))
    fail_run("a picture of {}x{} cannot be encoded as png", picture.width, picture.height);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Picture& picture) {
  write_atomically(path, png(picture));
}

Picture face_picture(const Faces& faces, size_t row) {
  auto pixels = faces.image(row);
  return {faces.shape.width, faces.shape.height, faces.shape.channels, {pixels.begin(), pixels.end()}};
}

Picture to_grey(const Picture& picture) {
  if (picture.channels == 1) return picture;
  Picture grey = plain_picture(picture.width, picture.height, 1);
  for (size_t i = 0; i < grey.pixels.size(); ++i) {
    const uint8_t* p = &picture.pixels[3 * i];
    grey.pixels[i] = uint8_t((299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000);
  }
  return grey;
}

Picture to_rgb(const Picture& picture) {
  if (picture.channels == 3) return picture;
  Picture rgb = plain_picture(picture.width, picture.height, 3);
  for (size_t i = 0; i < rgb.pixels.size(); ++i) rgb.pixels[i] = picture.pixels[i / 3];
  return rgb;
}

/// Not stb's: cut() is the same resampling at a box between pixels and beyond edges, and networks are trained on its bytes.
Picture resize(const Picture& picture, int width, int height) {
  check(width > 0 && height > 0 && !picture.pixels.empty(), "resize from {}x{} to {}x{}", picture.width,
        picture.height, width, height);
  return resample(picture, triangle_taps(picture.width, width), triangle_taps(picture.height, height));
}

Picture crop(const Picture& picture, int x, int y, int width, int height) {
  Picture out = plain_picture(width, height, picture.channels);
  for (int j = 0; j < height; ++j)
    for (int i = 0; i < width; ++i)
      for (int c = 0; c < picture.channels; ++c)
        out.at(i, j, c) =
            picture.at(std::clamp(x + i, 0, picture.width - 1), std::clamp(y + j, 0, picture.height - 1), c);
  return out;
}

Picture cut(const Picture& picture, const FaceBox& box, int width, int height) {
  check(width > 0 && height > 0 && !picture.pixels.empty() && box.width > 0 && box.height > 0,
        "a cut of {}x{} from a picture of {}x{} to {}x{}", box.width, box.height, picture.width, picture.height, width, height);
  const double across = box.width / width, down = box.height / height;
  return resample(picture, window_taps(picture.width, width, box.x + across / 2, across),
                  window_taps(picture.height, height, box.y + down / 2, down));
}

}  // namespace lineament
