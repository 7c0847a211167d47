// Text that came from a model or a file, made safe and made to fit a terminal. UTF-8 throughout.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trtprof {

// Columns on a terminal: 0 for combining marks, 2 for East Asian wide and emoji, 1 otherwise. Does not depend on the
// locale. Invalid bytes count 1 each (they are shown as U+FFFD).
[[nodiscard]] std::size_t display_width(std::string_view utf8);

// Control characters (ESC too), bidirectional overrides and invalid bytes become visible stand-ins, so that a name
// can neither move the cursor nor break a line.
[[nodiscard]] std::string printable(std::string_view text);

// At most `columns` wide: the middle is replaced by "…", never inside a character; a shared prefix and the telling
// end both stay readable. Applies printable() first. columns >= 3.
[[nodiscard]] std::string shorten_middle(std::string_view text, std::size_t columns);

// printable() and shorten_middle(), padded with spaces on the right to exactly `columns`.
[[nodiscard]] std::string fit_left(std::string_view text, std::size_t columns);

// `text` broken between words into lines of at most `columns`; lines after the first begin with `indent` spaces. The
// first one begins at `first_column`, where the caller already is. A word that is wider has a line of its own.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t columns, std::size_t indent,
                               std::size_t first_column);

// With a capital where it begins with a letter of a to z.
[[nodiscard]] std::string upper_first(std::string text);

// upper_first(), and a full stop at the end where there is none. An empty text stays empty.
[[nodiscard]] std::string as_sentence(std::string text);

// Edit distance for "did you mean" hints.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace trtprof
