// The pages of docs/ quote code that is compiled here, and their links lead somewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

fs::path source(const std::string& below) { return fs::path(TEPUI_TEST_SOURCE_DIR) / below; }

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files_below(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The same code without indentation and empty lines.
std::string flattened(const std::string& code) {
  std::string out;
  bool line_begins = true;
  for (const char c : code) {
    if (line_begins && (c == ' ' || c == '\n')) continue;
    out += c;
    line_begins = c == '\n';
  }
  return out;
}

/// The blocks between "```cpp" and "```".
std::vector<std::string> quotes_in(const std::string& page) {
  const std::string open = "```cpp\n";
  std::vector<std::string> quotes;
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const std::size_t end = page.find("```", at);
    quotes.push_back(page.substr(at, end - at));
    at = std::min(end, page.size());
  }
  return quotes;
}

/// The targets of "[text](target)" that are files, without "#part". "[](" is a lambda.
std::vector<std::string> links_in(const std::string& page) {
  std::vector<std::string> links;
  for (std::size_t at = page.find("]("); at != std::string::npos; at = page.find("](", at)) {
    const bool lambda = at > 0 && page[at - 1] == '[';
    at += 2;
    if (lambda) continue;
    std::string target = page.substr(at, page.find(')', at) - at);
    target.resize(std::min(target.size(), target.find('#')));
    const bool external = target.find("://") != std::string::npos;
    if (!target.empty() && !external) links.push_back(target);
  }
  return links;
}

TEST(Quotes, AreFoundAndCompared) {
  EXPECT_EQ(quotes_in("a\n```cpp\nint x;\n```\nb\n```cpp\n```\n"),
            (std::vector<std::string>{"int x;\n", ""}));
  EXPECT_EQ(flattened("  if (x) {\n\n    y();\n  }\n"), "if (x) {\ny();\n}\n");
  EXPECT_EQ(links_in("[a](b.md#c), [d](https://e.f/g), [h](#i), [](int l), [j](../k)"),
            (std::vector<std::string>{"b.md", "../k"}));
}

TEST(Pages, QuoteCodeThatIsCompiled) {
  std::string compiled;
  for (const std::string folder : {"tests", "examples"}) {
    for (const std::string extension : {".cpp", ".hpp"}) {
      for (const auto& file : files_below(source(folder), extension)) {
        compiled += flattened(text_of(file)) + '\n';
      }
    }
  }
  std::size_t quotes = 0;
  for (const auto& page : files_below(source("docs"), ".md")) {
    for (const std::string& quote : quotes_in(text_of(page))) {
      ++quotes;
      EXPECT_NE(compiled.find(flattened(quote)), std::string::npos)
          << page << " shows code that no test and no example has:\n"
          << quote;
    }
  }
  EXPECT_GE(quotes, 10u);
}

TEST(Pages, LinkToWhatExists) {
  for (const auto& page : files_below(source("docs"), ".md")) {
    for (const std::string& link : links_in(text_of(page))) {
      EXPECT_TRUE(fs::exists(page.parent_path() / link)) << page << " links to " << link;
    }
  }
}

}  // namespace
