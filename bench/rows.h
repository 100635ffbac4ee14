// The rows of the table: what is measured, and what it should come to.
#pragma once

#include <array>

#include "bench/arena.h"

namespace tidemark::bench {

// Each adds its figures and runs to the arena's report.
Status row_cpu(Arena& arena, int row);
Status row_always(Arena& arena, int row);
Status row_settled_reads(Arena& arena, int row);
Status row_everysec(Arena& arena, int row);
Status row_memory(Arena& arena, int row);
Status row_idle(Arena& arena, int row);
Status row_growth(Arena& arena, int row);
Status row_restart(Arena& arena, int row);

struct Row {
    int number;
    const char* title;
    Status (*run)(Arena& arena, int row);
};

inline constexpr std::array<Row, 8> kRows = {{
    {1, "CPU an operation, no persistence", row_cpu},
    {2, "SET under always", row_always},
    {3, "GET of settled keys beside writers under always", row_settled_reads},
    {4, "SET under everysec against no persistence", row_everysec},
    {5, "memory a key", row_memory},
    {6, "memory an idle connection", row_idle},
    {7, "pauses while the table grows", row_growth},
    {8, "restart from the log", row_restart},
}};

}  // namespace tidemark::bench
