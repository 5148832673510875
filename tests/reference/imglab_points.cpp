// What dlib sees in an imglab file: a line for each part, IMAGE, BOX (from 0 in its image), NAME, X, Y, with tabs between;
// a line for each box first, with an empty NAME and X, Y its width and height. Boxes to be ignored are left out.
//   g++ -std=c++20 -O1 imglab_points.cpp -ldlib -o imglab_points;  imglab_points FILE.xml
#include <dlib/data_io/image_dataset_metadata.h>

#include <cstdio>

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: imglab_points FILE.xml");
  dlib::image_dataset_metadata::dataset data;
  dlib::image_dataset_metadata::load_image_dataset_metadata(data, argv[1]);
  for (const auto& image : data.images) {
    int index = -1;
    for (const auto& box : image.boxes) {
      ++index;
      if (box.ignore) continue;
      std::printf("%s\t%d\t\t%ld\t%ld\n", image.filename.c_str(), index, long(box.rect.width()),
                  long(box.rect.height()));
      for (const auto& [name, part] : box.parts)
        std::printf("%s\t%d\t%s\t%ld\t%ld\n", image.filename.c_str(), index, name.c_str(), part.x(),
                    part.y());
    }
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "imglab_points: %s\n", error.what());
  return 1;
}
