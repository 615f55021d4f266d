import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The records that Latido's topics would get for an order, in Latido's schemas. */
final class Records {
    private static final List<String> COPIED = List.of("account_id", "contact_id", "order_id", "version",
            "updated_at", "event_id", "status", "placed_at", "total_minor", "refunded_minor", "currency",
            "number", "channel");

    private final Kind profiles;
    private final Kind orders;
    private final Kind days;
    private final Kind changes;
    private final int today;

    /** Schemas lie in `directory`; `ids` gives each one's id by name. */
    Records(Path directory, Map<String, Integer> ids, int today) throws IOException {
        this.profiles = new Kind(directory, "contact_profile", ids);
        this.orders = new Kind(directory, "contact_order", ids);
        this.days = new Kind(directory, "contact_day", ids);
        this.changes = new Kind(directory, "segment_change", ids);
        this.today = today;
    }

    byte[] profile(Contact contact, GenericRecord order) {
        GenericRecord out = profiles.empty();
        out.put("account_id", order.get("account_id"));
        out.put("contact_id", contact.id);
        putTotals(out, contact, order);
        out.put("r", contact.r);
        out.put("f", contact.f);
        out.put("m", contact.m);
        out.put("segment", contact.segment);
        out.put("scored_day", today);
        out.put("changes", (long) contact.changes);
        return profiles.encode(out);
    }

    byte[] order(GenericRecord order, Contact.Entry entry) {
        GenericRecord out = orders.empty();
        for (String name : COPIED) {
            Object value = order.get(name);
            out.put(name, value instanceof GenericData.EnumSymbol ? value.toString() : value);
        }
        out.put("items", items((List<?>) order.get("items")));
        out.put("net_minor", entry.net());
        out.put("counted", entry.counted());
        out.put("day", entry.day());
        return orders.encode(out);
    }

    private Object items(List<?> given) {
        if (given == null) return null;
        Schema list = Kind.present(orders.schema.getField("items").schema());
        Schema item = Kind.present(list.getElementType());
        List<GenericRecord> items = new ArrayList<>(given.size());
        for (Object one : given) {
            GenericRecord line = new GenericData.Record(item);
            for (Schema.Field field : item.getFields()) {
                line.put(field.pos(), ((GenericRecord) one).get(field.name()));
            }
            items.add(line);
        }
        return new GenericData.Array<>(list, items);
    }

    /** A day's row; 0 orders say that the day is gone. */
    byte[] day(Contact contact, GenericRecord order, int day) {
        Contact.Day totals = contact.days.getOrDefault(day, new Contact.Day(0, 0));
        GenericRecord out = days.empty();
        out.put("account_id", order.get("account_id"));
        out.put("contact_id", contact.id);
        out.put("day", day);
        out.put("prev_day", contact.days.lowerKey(day));
        out.put("orders", (long) totals.orders());
        out.put("revenue_minor", totals.revenue());
        return days.encode(out);
    }

    byte[] change(Contact contact, Contact.Standing before, GenericRecord order, boolean amended) {
        GenericRecord out = changes.empty();
        out.put("event_id", order.get("account_id") + "|" + contact.id + "|" + contact.changes);
        out.put("account_id", order.get("account_id"));
        out.put("contact_id", contact.id);
        out.put("seq", (long) contact.changes);
        out.put("from_segment", before.segment());
        out.put("to_segment", contact.segment);
        out.put("cause", amended ? "amendment" : "order");
        out.put("cause_event_id", order.get("event_id"));
        out.put("cause_order_id", order.get("order_id"));
        out.put("effective_day", today);
        out.put("r_before", before.r());
        out.put("f_before", before.f());
        out.put("m_before", before.m());
        out.put("r", contact.r);
        out.put("f", contact.f);
        out.put("m", contact.m);
        putTotals(out, contact, order);
        if (contact.orders > 0) {
            out.put("average_ticket_minor", (2 * contact.revenue + contact.orders) / (2 * contact.orders));
        }
        return changes.encode(out);
    }

    private static void putTotals(GenericRecord out, Contact contact, GenericRecord order) {
        out.put("orders", (long) contact.orders);
        out.put("revenue_minor", contact.revenue);
        out.put("currency", order.get("currency"));
        if (!contact.days.isEmpty()) {
            out.put("first_order_day", contact.days.firstKey());
            out.put("last_order_day", contact.days.lastKey());
        }
    }

    /** One schema with its Confluent header. */
    private static final class Kind {
        final Schema schema;
        private final byte[] header;
        private final GenericDatumWriter<GenericRecord> writer;
        private BinaryEncoder encoder;

        Kind(Path directory, String name, Map<String, Integer> ids) throws IOException {
            schema = new Schema.Parser().parse(directory.resolve(name + ".avsc").toFile());
            header = ByteBuffer.allocate(5).put((byte) 0).putInt(ids.get(name)).array();
            writer = new GenericDatumWriter<>(schema);
        }

        GenericRecord empty() {
            return new GenericData.Record(schema);
        }

        byte[] encode(GenericRecord value) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
            bytes.writeBytes(header);
            encoder = EncoderFactory.get().binaryEncoder(bytes, encoder);
            try {
                writer.write(value, encoder);
                encoder.flush();
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
            return bytes.toByteArray();
        }

        /** A union with null without the null. */
        static Schema present(Schema union) {
            return union.isUnion() ? union.getTypes().get(1) : union;
        }
    }
}
