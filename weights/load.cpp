#include "weights/load.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "weights/name_map.h"

namespace lineament {
namespace {

constexpr size_t kMostListed = 100;

/// "3 missing from the file:" and the list below it; nothing for none.
std::string section(const std::vector<std::string>& list, const char* title) {
  if (list.empty()) return "";
  std::string text = fmt::format("\n{} {}:", list.size(), title);
  for (size_t i = 0; i < std::min(list.size(), kMostListed); ++i) text += "\n  " + list[i];
  if (list.size() > kMostListed) text += fmt::format("\n  and {} more", list.size() - kMostListed);
  return text;
}

std::string faults(const LoadReport& report) {
  return section(report.missing, "missing from the file") + section(report.misshapen, "of another shape") +
         section(report.extra, "in the file alone");
}

/// The same in one line: how many of each, and the first.
std::string counts(const LoadReport& report) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& list, const char* title) {
    if (!list.empty()) text += fmt::format("{}{} {}, such as {}", text.empty() ? "" : "; ", list.size(), title, list[0]);
  };
  add(report.missing, "missing from the file");
  add(report.misshapen, "of another shape");
  add(report.extra, "in the file alone");
  return text;
}

struct Fit {
  const NamedTensor* from;
  const Parameter* to;
};

std::vector<const Parameter*> required(const Parameters& parameters, const LoadOptions& options) {
  std::vector<const Parameter*> list;
  for (const Parameter& p : parameters.all())
    if (!options.may_be_missing || !options.may_be_missing(p)) list.push_back(&p);
  return list;
}

/// Which tensor goes where; what goes nowhere is written down in the report.
std::vector<Fit> fit(const NamedTensors& named, const Parameters& parameters,
                     std::span<const Parameter* const> needed, LoadReport& report) {
  std::vector<Fit> fits;
  std::set<const Parameter*> met;
  for (const NamedTensor& tensor : named.tensors) {
    const Parameter* parameter = parameters.find(tensor.name);
    if (!parameter) {
      (is_top(tensor.name) ? report.left_aside : report.extra)
          .push_back(fmt::format("{} {}", shown(tensor.name), to_string(tensor.shape)));
      continue;
    }
    met.insert(parameter);
    if (tensor.shape == parameter->desc.shape) {
      fits.push_back({&tensor, parameter});
      report.filled += tensor.shape.elements();
    } else {
      report.misshapen.push_back(fmt::format("{} is {} in the file ({}), {} in the network", tensor.name,
                                             to_string(tensor.shape), shown(tensor.source),
                                             to_string(parameter->desc.shape)));
    }
  }
  for (const Parameter* p : needed)
    if (!met.contains(p)) report.missing.push_back(fmt::format("{} {}", p->name, to_string(p->desc.shape)));
  for (const std::string& name : named.left_aside) report.left_aside.push_back(shown(name));
  for (const Parameter& p : parameters.all()) report.elements += p.desc.elements();
  return fits;
}

}  // namespace

std::string LoadReport::text() const {
  std::string line = fmt::format("{}, {}: filled {} of the network's {} numbers ({:.1f} %)", format, family,
                                 filled, elements, percent());
  if (!left_aside.empty())
    line += fmt::format("; left aside {}{}", left_aside[0],
                        left_aside.size() > 1 ? fmt::format(" and {} more", left_aside.size() - 1) : "");
  return line + faults(*this);
}

LoadReport load_weights(const std::filesystem::path& path, Parameters& parameters,
                        const LoadOptions& options) {
  const std::unique_ptr<WeightFile> file = open_weights(path);
  const std::vector<const Parameter*> needed = required(parameters, options);
  const NamedTensors named = name_tensors(*file, needed);
  LoadReport report;
  report.format = file->format();
  report.family = named.family;
  const std::vector<Fit> fits = fit(named, parameters, needed, report);
  if (fits.empty() && !named.tensors.empty() && !needed.empty())
    file->fail(fmt::format(
        "not one of its {} tensors fits this network: it begins with {} {}, the network with {} {}",
        named.tensors.size(), shown(named.tensors[0].name), to_string(named.tensors[0].shape),
        needed[0]->name, to_string(needed[0]->desc.shape)));
  if (fits.empty()) file->fail("holds no weights for this network");
  if (!report.whole() && !options.allow_partial)
    file->fail(fmt::format("does not fit this network (--allow-partial takes what fits){}", faults(report)));

  std::vector<std::vector<float>> values;  // all of it is read before any of it counts
  for (const Fit& f : fits) {
    values.emplace_back(f.from->shape.elements());
    read_named(*file, *f.from, values.back());
  }
  for (size_t i = 0; i < fits.size(); ++i) {
    parameters.write(*fits[i].to, values[i]);
    values[i] = {};
  }
  return report;
}

size_t convert_weights(const std::filesystem::path& in, const std::filesystem::path& out,
                       const Parameters* order) {
  const std::unique_ptr<WeightFile> file = open_weights(in);
  std::vector<const Parameter*> network;
  if (order) network = required(*order, {});
  const NamedTensors named = name_tensors(*file, network);
  if (named.tensors.empty()) file->fail("holds no weights");
  LoadReport report;
  if (order) fit(named, *order, network, report);
  if (!report.whole()) file->fail(fmt::format("does not hold this network's weights: {}", counts(report)));
  std::vector<TensorName> names;
  size_t largest = 0;
  for (const NamedTensor& tensor : named.tensors) {
    if (!file->tensors()[tensor.index].element->to_floats)
      file->fail(fmt::format("tensor {} is {}, no type of weights", shown(tensor.source),
                             file->tensors()[tensor.index].element->name));
    names.push_back({tensor.name, tensor.shape});
    largest = std::max(largest, tensor.shape.elements());
  }
  SafetensorsWriter writer(out, names, {{"format", file->format()}, {"family", named.family}});
  std::vector<float> buffer(largest);
  for (const NamedTensor& tensor : named.tensors) {
    const std::span<float> values = std::span(buffer).first(tensor.shape.elements());
    read_named(*file, tensor, values);
    writer.write(values);
  }
  writer.commit();
  return names.size();
}

}  // namespace lineament
