// Genotypes of the DARTS space: the Python spelling, there and back, and what is wrong with it.
#include "tepui/space/darts/genotype.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tepui/core/error.hpp"
#include "tepui/space/darts/published.hpp"

namespace {

using namespace tepui;
using namespace tepui::space;

const std::string v1(darts::DARTS_V1.view());

TEST(Genotype, ReadsThePythonSpelling) {
  const darts::Genotype g = darts::parse(v1);
  const darts::CellGenotype normal{
      {{{4, 1}, {4, 0}, {3, 0}, {4, 1}, {3, 0}, {4, 1}, {4, 0}, {3, 2}}}, {{2, 3, 4, 5}}, 4};
  const darts::CellGenotype reduce{
      {{{1, 0}, {1, 1}, {3, 2}, {1, 0}, {1, 0}, {3, 2}, {3, 2}, {2, 0}}}, {{2, 3, 4, 5}}, 4};
  EXPECT_EQ(g, (darts::Genotype{normal, reduce}));
  EXPECT_EQ(g, darts::genotype<darts::DARTS_V1>);
}

TEST(Genotype, PrintingAndReadingGoRound) {
  for (const auto text : {darts::DARTS_V1.view(), darts::DARTS_V2.view(), darts::PDARTS.view(),
                          darts::PC_DARTS_image.view(), darts::RLNAS_ImageNet.view()}) {
    const darts::Genotype g = darts::parse(text);
    EXPECT_EQ(darts::parse(darts::print(g)), g);
  }
  const std::string printed = darts::print(darts::parse(v1));
  EXPECT_EQ(printed.substr(0, 44), "Genotype(normal=[('sep_conv_3x3', 1), ('sep_");
  EXPECT_NE(printed.find("], normal_concat=[2, 3, 4, 5], reduce=["), std::string::npos);
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = v1;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Genotype, SpellingsThatMeanTheSame) {
  const darts::Genotype g = darts::parse(v1);
  EXPECT_EQ(darts::parse(with("normal_concat=range(2, 6)", "normal_concat=[2, 3, 4, 5]")), g);
  EXPECT_EQ(darts::parse(with("normal_concat=range(2, 6)", "normal_concat = range( 2,6 ) ")), g);
  EXPECT_EQ(darts::parse(with("('sep_conv_3x3', 1), ('sep", "( \"sep_conv_3x3\" ,1 ),\n\t('sep")),
            g);
  EXPECT_EQ(darts::parse(with("('skip_connect', 2)], normal", "('skip_connect', 2),], normal")), g);
  EXPECT_EQ(darts::parse(" " + v1.substr(0, v1.size() - 1) + ",)\n"), g);
}

TEST(Genotype, SomeNodesOnly) {
  const darts::Genotype g =
      darts::parse(with("normal_concat=range(2, 6)", "normal_concat=[5, 3,]"));
  EXPECT_EQ(g.normal.outputs, 2);
  EXPECT_EQ(g.normal.concatenated[0], 5);
  EXPECT_EQ(g.normal.concatenated[1], 3);
  EXPECT_EQ(darts::parse(darts::print(g)), g);
}

std::string complaint(const std::string& text) {
  try {
    (void)darts::parse(text);
  } catch (const SettingError& error) {
    const std::string message = error.what();
    return message.substr(message.rfind("\": ", message.find("at character")) + 3);
  }
  return "accepted";
}

TEST(Genotype, ErrorsPointAtTheBadToken) {
  const auto at = [](const std::string& token) { return std::to_string(v1.find(token)); };
  EXPECT_EQ(complaint(with("skip_connect", "skip_conect")),
            "unknown operation: at character " + at("skip_connect") +
                " (\"skip_conect\") expected none, max_pool_3x3, avg_pool_3x3, skip_connect, "
                "sep_conv_3x3, sep_conv_5x5, dil_conv_3x3 or dil_conv_5x5");
  const std::string place = std::to_string(v1.find("('sep_conv_3x3', 0)") + 17);
  EXPECT_EQ(complaint(with("('sep_conv_3x3', 0)", "('sep_conv_3x3', 2)")),
            "input node out of range: at character " + place + " (\"2\") expected 0 or 1");
  EXPECT_EQ(complaint(with("('sep_conv_3x3', 0)", "('sep_conv_3x3', x)")),
            "unexpected text: at character " + place + " (\"x\") expected 0 or 1");
  EXPECT_EQ(complaint(with("('sep_conv_3x3', 0)", "('sep_conv_3x3', 1)")),
            "two edges from the same node: at character " + at("('sep_conv_3x3', 0)") +
                " (\"('sep_conv_3x3', 1)\") expected an edge from another node");
  EXPECT_EQ(complaint(with(", ('skip_connect', 2)]", "]")),
            "too few edges: at character " + at(", ('skip_connect', 2)]") +
                " (\"]\") expected 8 edges, two for each of the nodes 2 to 5");
  EXPECT_EQ(complaint(with("('skip_connect', 2)]", "]")).substr(0, 13), "too few edges");
  EXPECT_EQ(complaint(with("('skip_connect', 2)]", "('skip_connect', 2), ('none', 0)]")),
            "too many edges: at character " + std::to_string(v1.find("('skip_connect', 2)]") + 21) +
                " (\"('none', 0)\") expected 8 edges, two for each of the nodes 2 to 5");
  for (const std::string wrong : {"[2, 6]", "[2, 2]", "[]"}) {
    EXPECT_EQ(complaint(with("range(2, 6)", wrong)).substr(0, 30),
              "concatenated node out of range");
  }
  EXPECT_EQ(complaint(with("range(2, 6)", "4")).substr(0, 15), "unexpected text");
  EXPECT_EQ(complaint(with("Genotype", "genotype")),
            "unexpected text: at character 0 (\"genotype\") expected Genotype");
  EXPECT_EQ(complaint(with("normal=", "cell=")),
            "unexpected text: at character 9 (\"cell\") expected normal");
  EXPECT_EQ(complaint(v1 + " )"), "text after the end: at character " +
                                      std::to_string(v1.size() + 1) + " (\")\") expected the end");
}

TEST(Genotype, ErrorsPointAtTheBadBoundOfARange) {
  const std::size_t range = v1.find("range(2, 6)");
  const auto first = [&](const std::string& token) {
    return " at character " + std::to_string(range + 6) + " (\"" + token +
           "\") expected the first node, 2 to 5";
  };
  const auto second = [&](const std::string& token) {
    return " at character " + std::to_string(range + 9) + " (\"" + token +
           "\") expected one more than the last node: above the first node, at most 6";
  };
  const auto of = [](const std::string& wrong) { return complaint(with("range(2, 6)", wrong)); };
  EXPECT_EQ(of("range(1, 6)"), "concatenated node out of range:" + first("1"));
  EXPECT_EQ(of("range(6, 2)"), "concatenated node out of range:" + first("6"));
  EXPECT_EQ(of("range(x, 6)"), "unexpected text:" + first("x"));
  EXPECT_EQ(of("range(2, 7)"), "concatenated node out of range:" + second("7"));
  EXPECT_EQ(of("range(5, 2)"), "concatenated node out of range:" + second("2"));
  EXPECT_EQ(of("range(5, 5)"), "concatenated node out of range:" + second("5"));
  EXPECT_EQ(of("range(2, x)"), "unexpected text:" + second("x"));
  EXPECT_EQ(of("range(2)"),
            "unexpected text: at character " + std::to_string(range + 7) + " (\")\") expected ,");
}

TEST(Genotype, NoBeginningOfATextIsAccepted) {
  for (std::size_t length = 0; length < v1.size(); ++length) {
    ASSERT_NE(complaint(v1.substr(0, length)), "accepted") << length;
  }
}

}  // namespace
