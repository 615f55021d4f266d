import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** One contact's state with its order ledger, and its bytes in the store and the changelog. */
final class Contact {
    record Entry(long version, long updatedAt, String eventId, long net, boolean counted, int day) {
        boolean isBeatenBy(long version, long updatedAt, String eventId) {
            if (version != this.version) return version > this.version;
            if (updatedAt != this.updatedAt) return updatedAt > this.updatedAt;
            return eventId.compareTo(this.eventId) > 0;
        }
    }

    record Day(int orders, long revenue) {}

    record Standing(String segment, int r, int f, int m) {}

    final String id;
    final Map<String, Entry> ledger = new HashMap<>();
    final TreeMap<Integer, Day> days = new TreeMap<>();
    int orders;
    long revenue;
    int changes;
    int r;
    int f;
    int m;
    String segment = "no_purchases";

    Contact(String id) {
        this.id = id;
    }

    Standing standing() {
        return new Standing(segment, r, f, m);
    }

    void book(String orderId, Entry prior, Entry entry) {
        ledger.put(orderId, entry);
        if (prior != null && prior.counted()) add(prior.day(), -1, -prior.net());
        if (entry.counted()) add(entry.day(), 1, entry.net());
    }

    /** To the totals and to a day; a day without orders goes. */
    private void add(int day, int orders, long revenue) {
        this.orders += orders;
        this.revenue += revenue;
        addToDay(day, orders, revenue);
    }

    private void addToDay(int day, int orders, long revenue) {
        Day before = days.getOrDefault(day, new Day(0, 0));
        if (before.orders() + orders == 0) {
            days.remove(day);
        } else {
            days.put(day, new Day(before.orders() + orders, before.revenue() + revenue));
        }
    }

    void score(Model model, int today) {
        if (orders == 0) {
            r = f = m = 0;
            segment = "no_purchases";
            return;
        }
        r = model.recency(Math.max(0, today - days.lastKey()));
        f = model.frequency(orders);
        m = model.value(revenue, orders);
        segment = model.segment(r, f, m);
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + 64 * ledger.size());
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(id);
            out.writeInt(orders);
            out.writeLong(revenue);
            out.writeByte(r);
            out.writeByte(f);
            out.writeByte(m);
            out.writeUTF(segment);
            out.writeInt(changes);
            out.writeInt(ledger.size());
            for (Map.Entry<String, Entry> one : ledger.entrySet()) {
                Entry entry = one.getValue();
                out.writeUTF(one.getKey());
                out.writeLong(entry.version());
                out.writeLong(entry.updatedAt());
                out.writeUTF(entry.eventId());
                out.writeLong(entry.net());
                out.writeBoolean(entry.counted());
                out.writeInt(entry.day());
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return bytes.toByteArray();
    }

    static Contact fromBytes(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Contact contact = new Contact(in.readUTF());
            contact.orders = in.readInt();
            contact.revenue = in.readLong();
            contact.r = in.readByte();
            contact.f = in.readByte();
            contact.m = in.readByte();
            contact.segment = in.readUTF();
            contact.changes = in.readInt();
            for (int left = in.readInt(); left > 0; left--) {
                String orderId = in.readUTF();
                Entry entry = new Entry(in.readLong(), in.readLong(), in.readUTF(),
                        in.readLong(), in.readBoolean(), in.readInt());
                contact.ledger.put(orderId, entry);
                if (entry.counted()) contact.addToDay(entry.day(), 1, entry.net());
            }
            return contact;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
