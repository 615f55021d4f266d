import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The benchmark's scoring model: cuts from the command line as `r;f;m`, cells from the map's CSV file. */
final class Model {
    private final long[] recency;
    private final long[] frequency;
    private final long[] value;
    private final String[] cells = new String[216];

    Model(String cuts, Path map) throws IOException {
        long[][] parsed = Arrays.stream(cuts.split(";"))
                .map(axis -> Arrays.stream(axis.split(",")).mapToLong(Long::parseLong).toArray())
                .toArray(long[][]::new);
        recency = parsed[0];
        frequency = parsed[1];
        value = parsed[2];
        List<String> lines = Files.readAllLines(map);
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.strip().split(",");
            if (fields.length == 4) {
                cells[cell(Integer.parseInt(fields[0]), Integer.parseInt(fields[1]), Integer.parseInt(fields[2]))]
                        = fields[3];
            }
        }
    }

    int recency(long days) {
        return 5 - below(recency, days, 1);
    }

    int frequency(long orders) {
        return 1 + below(frequency, orders, 1);
    }

    /** The average is compared exactly: a cut counts if cut x orders is below the revenue. */
    int value(long revenue, long orders) {
        return 1 + below(value, revenue, orders);
    }

    String segment(int r, int f, int m) {
        return cells[cell(r, f, m)];
    }

    private static int below(long[] cuts, long amount, long times) {
        int count = 0;
        for (long cut : cuts) {
            if (cut * times < amount) count++;
        }
        return count;
    }

    private static int cell(int r, int f, int m) {
        return (r * 6 + f) * 6 + m;
    }
}
