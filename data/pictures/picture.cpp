// The codecs are stb's; the arithmetic is here.
#include "data/pictures/picture.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "base/check.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

namespace lineament {
namespace {

constexpr size_t kMaxPixels = 100'000'000, kMaxFileBytes = size_t{1} << 29;

std::string read_bytes(const std::filesystem::path& path) {
  std::error_code error;
  auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) fail_input("{}: no such file", path.string());
  if (std::filesystem::is_directory(status)) fail_input("{}: a folder, expected a picture", path.string());
  if (!std::filesystem::is_regular_file(status)) fail_input("{}: not a file", path.string());
  if (auto size = std::filesystem::file_size(path, error); !error && size > kMaxFileBytes)
    fail_input("{}: {} bytes, no picture is so large", path.string(), size);
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) fail_input("{}: cannot be read", path.string());
  if (bytes.empty()) fail_input("{}: empty, expected a picture", path.string());
  return bytes;
}

/// The decoder takes what there is of a jpg. A whole one has an end-of-image marker after its last start of
/// scan; within a scan the marker cannot occur.
bool is_cut_jpg(const std::string& bytes) {
  if (!bytes.starts_with("\xff\xd8")) return false;
  size_t scan = bytes.rfind("\xff\xda");
  return scan == std::string::npos || bytes.find("\xff\xd9", scan) == std::string::npos;
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

}  // namespace

Picture plain_picture(int width, int height, int channels, uint8_t tone) {
  return {width, height, channels, std::vector<uint8_t>(size_t(width) * height * channels, tone)};
}

Picture read_picture(const std::filesystem::path& path) {
  std::string bytes = read_bytes(path);
  auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  int size = int(bytes.size()), width = 0, height = 0, channels = 0;
  if (!stbi_info_from_memory(data, size, &width, &height, &channels))
    fail_input("{}: not a picture that can be read, expected jpg or png", path.string());
  if (size_t(width) * height > kMaxPixels)
    fail_input("{}: {}x{} pixels, at most 100 million can be read", path.string(), width, height);
  if (is_cut_jpg(bytes)) fail_input("{}: the picture is cut short", path.string());
  int kept = channels < 3 ? 1 : 3;
  std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(data, size, &width, &height, &channels, kept), stbi_image_free);
  if (!pixels) fail_input("{}: the picture is damaged ({})", path.string(), stbi_failure_reason());
  return {width, height, kept, {pixels.get(), pixels.get() + size_t(width) * height * kept}};
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
  return {kImageSize, kImageSize, 1, {pixels.begin(), pixels.end()}};
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

Picture resize(const Picture& picture, int width, int height) {
  check(width > 0 && height > 0 && !picture.pixels.empty(), "resize from {}x{} to {}x{}", picture.width,
        picture.height, width, height);
  int channels = picture.channels;
  std::vector<float> wide(size_t(width) * picture.height * channels);  // resized across, not yet down
  auto columns = triangle_taps(picture.width, width), rows = triangle_taps(picture.height, height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        float sum = 0;
        for (size_t j = 0; j < columns[x].weights.size(); ++j)
          sum += columns[x].weights[j] * picture.at(columns[x].first + int(j), y, c);
        wide[(size_t(y) * width + x) * channels + c] = sum;
      }
    }
  }
  Picture out = plain_picture(width, height, channels);
  size_t stride = size_t(width) * channels;
  std::vector<float> sums(stride);
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(sums, 0.5f);  // rounds to the nearest
    for (size_t j = 0; j < rows[y].weights.size(); ++j) {
      const float* source = &wide[(rows[y].first + j) * stride];
      for (size_t i = 0; i < stride; ++i) sums[i] += rows[y].weights[j] * source[i];
    }
    for (size_t i = 0; i < stride; ++i) out.pixels[y * stride + i] = uint8_t(std::min(sums[i], 255.0f));
  }
  return out;
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

}  // namespace lineament
