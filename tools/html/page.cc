#include "tools/html/page.h"

#include <fmt/format.h>

#include "tools/html/escape.h"
#include "tools/html/page_script.h"
#include "tools/html/page_style.h"

namespace tidemark::html {

namespace {

constexpr std::string_view kHalfSection = "<section class=\"half\">";

}  // namespace

Page::Page(std::string_view title, std::string_view subtitle) {
    text_ = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<title>{}</title>\n<style>{}</style></head>\n<body><div class=\"wrap\">\n"
        "<header><div><h1>{}</h1><p>{}</p></div><button id=\"theme\" type=\"button\" "
        "title=\"Light or dark\">&#9680;</button></header>\n",
        kPageScriptSha256, escape(title), kPageStyle, escape(title), escape(subtitle));
}

void Page::section(std::string_view heading) {
    close_section();
    widen_left_over();
    text_ += fmt::format("<section><h2>{}</h2>\n", escape(heading));
    has_section_ = true;
}

void Page::half_section(std::string_view heading) {
    close_section();
    ++halves_;
    last_half_begin_ = text_.size();
    text_ += fmt::format("{}<h2>{}</h2>\n", kHalfSection, escape(heading));
    has_section_ = true;
}

void Page::note(std::string_view text) {
    close_figures();
    text_ += fmt::format("<p class=\"note\">{}</p>\n", escape(text));
}

void Page::figure(std::string_view value, std::string_view what) {
    if (!has_figures_) text_ += "<div class=\"figures\">";
    has_figures_ = true;
    text_ += fmt::format("<div><b>{}</b><span>{}</span></div>", escape(value), escape(what));
}

void Page::add(std::string_view html) {
    close_figures();
    text_ += html;
    text_ += '\n';
}

std::string Page::finish(std::string_view footer) {
    close_section();
    widen_left_over();
    text_ += fmt::format(
        "<footer>{}</footer>\n</div><div id=\"tip\" role=\"status\"></div>\n"
        "<script>{}</script></body></html>\n",
        escape(footer), kPageScript);
    return std::move(text_);
}

void Page::close_section() {
    close_figures();
    if (has_section_) text_ += "</section>\n";
    has_section_ = false;
}

void Page::widen_left_over() {
    if (halves_ % 2 == 1) text_.replace(last_half_begin_, kHalfSection.size(), "<section>");
    halves_ = 0;
}

void Page::close_figures() {
    if (has_figures_) text_ += "</div>\n";
    has_figures_ = false;
}

std::string_view page_script() {
    return kPageScript;
}
std::string_view page_script_sha256() {
    return kPageScriptSha256;
}

}  // namespace tidemark::html
