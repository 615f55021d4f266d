import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** One contact's state with its order ledger, and its bytes in the store and the changelog. */
final class Contact {
    record Entry(long version, long updatedAt, String eventId, long net, boolean counted, int day) {
        boolean isBeatenBy(long version, long updatedAt, String eventId) {
            if (version != this.version) return version > this.version;
            if (updatedAt != this.updatedAt) return updatedAt > this.updatedAt;
            return eventId.compareTo(this.eventId) > 0;
        }
    }

    final String id;
    final Map<String, Entry> ledger = new HashMap<>();
    int orders;
    long revenue;
    int lastDay = -1;
    int r;
    int f;
    int m;
    String segment = "no_purchases";

    Contact(String id) {
        this.id = id;
    }

    void book(String orderId, Entry prior, Entry entry) {
        ledger.put(orderId, entry);
        boolean was = prior != null && prior.counted();
        orders += (entry.counted() ? 1 : 0) - (was ? 1 : 0);
        revenue += entry.net() - (was ? prior.net() : 0);
        if (entry.counted() && !was) {
            lastDay = Math.max(lastDay, entry.day());
        } else if (was && (!entry.counted() || entry.day() != prior.day())) {
            lastDay = ledger.values().stream().filter(Entry::counted).mapToInt(Entry::day).max().orElse(-1);
        }
    }

    void score(Model model, int today) {
        if (orders == 0) {
            r = f = m = 0;
            segment = "no_purchases";
            return;
        }
        r = model.recency(Math.max(0, today - lastDay));
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
            out.writeInt(lastDay);
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
            contact.lastDay = in.readInt();
            for (int left = in.readInt(); left > 0; left--) {
                String orderId = in.readUTF();
                contact.ledger.put(orderId, new Entry(in.readLong(), in.readLong(), in.readUTF(),
                        in.readLong(), in.readBoolean(), in.readInt()));
            }
            return contact;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
