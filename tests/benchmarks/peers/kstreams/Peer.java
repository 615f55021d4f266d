import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams, one thread, RocksDB with cache, exactly_once_v2: Latido's work on orders.v1. */
public final class Peer {
    private static final int HEADER_BYTES = 5;
    private static final long DAY_MS = 86_400_000L;
    private static final String STORE = "contacts";
    private static final String CHANGES = "changes";

    public static void main(String[] given) throws Exception {
        String bootstrap = given[0];
        String name = given[1];
        String source = given[2];
        String directory = given[3];
        String ids = given[4];
        int today = Integer.parseInt(given[5]);
        Model model = new Model(given[6], Path.of(given[7]));
        Path schemas = Path.of(given[8]);
        Schema schema = new Schema.Parser().parse(schemas.resolve("order.avsc").toFile());
        Topology topology = new Topology();
        topology.addSource("source", source);
        // A thread has a processor a partition, one after the other: they may share what encodes.
        Records records = ids.isEmpty() ? null : new Records(schemas, parsed(ids), today);
        topology.addProcessor("fold", () -> new Fold(model, schema, today, records), "source");
        topology.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE),
                Serdes.ByteArray(), Serdes.ByteArray()).withCachingEnabled(), "fold");
        topology.addSink(CHANGES, name + "-changes", "fold");
        if (records != null) {
            for (String kind : new String[] {"profiles", "orders", "days"}) {
                topology.addSink(kind, name + "-" + kind, "fold");
            }
        }

        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, directory);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put("auto.offset.reset", "earliest");
        settings.put("compression.type", "lz4");

        KafkaStreams streams = new KafkaStreams(topology, settings);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close();
            stopped.countDown();
        }));
        streams.start();
        stopped.await();
    }

    /** `name=id,name=id`. */
    private static Map<String, Integer> parsed(String given) {
        Map<String, Integer> ids = new HashMap<>();
        for (String one : given.split(",")) {
            String[] parts = one.split("=");
            ids.put(parts[0], Integer.valueOf(parts[1]));
        }
        return ids;
    }

    private static final class Fold implements Processor<byte[], byte[], byte[], byte[]> {
        private final Model model;
        private final int today;
        private final Records records;
        private final GenericDatumReader<GenericRecord> reader;
        private BinaryDecoder decoder;
        private GenericRecord order;
        private KeyValueStore<byte[], byte[]> contacts;
        private ProcessorContext<byte[], byte[]> context;

        /** Without `records` changes alone are told, as JSON. */
        Fold(Model model, Schema schema, int today, Records records) {
            this.model = model;
            this.today = today;
            this.records = records;
            this.reader = new GenericDatumReader<>(schema);
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            this.contacts = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<byte[], byte[]> event) {
            order = decode(event.value());
            byte[] stored = contacts.get(event.key());
            Contact contact = stored == null ? new Contact(text("contact_id")) : Contact.fromBytes(stored);
            long version = number("version");
            long updatedAt = number("updated_at");
            String eventId = text("event_id");
            String orderId = text("order_id");
            Contact.Entry prior = contact.ledger.get(orderId);
            if (prior != null && !prior.isBeatenBy(version, updatedAt, eventId)) return;
            long total = number("total_minor");
            long refunded = number("refunded_minor");
            boolean counted = text("status").equals("placed") && !(total > 0 && refunded == total);
            int day = (int) Math.floorDiv(number("placed_at"), DAY_MS);
            Contact.Entry entry =
                    new Contact.Entry(version, updatedAt, eventId, counted ? total - refunded : 0, counted, day);
            Contact.Standing before = contact.standing();
            contact.book(orderId, prior, entry);
            contact.score(model, today);
            boolean moved = !before.segment().equals(contact.segment);
            if (moved) contact.changes++;
            contacts.put(event.key(), contact.toBytes());
            if (records != null) {
                tell(event, contact, orderId, prior, entry);
                if (moved) forward(event, event.key(), records.change(contact, before, order, prior != null), CHANGES);
            } else if (moved) {
                forward(event, event.key(), change(contact, before.segment(), eventId), CHANGES);
            }
        }

        private void tell(Record<byte[], byte[]> event, Contact contact, String orderId, Contact.Entry prior,
                Contact.Entry entry) {
            forward(event, event.key(), records.profile(contact, order), "profiles");
            forward(event, memberKey(contact, orderId), records.order(order, entry), "orders");
            TreeSet<Integer> touched = new TreeSet<>();
            for (Contact.Entry one : new Contact.Entry[] {prior, entry}) {
                if (one == null || !one.counted()) continue;
                touched.add(one.day());
                Integer next = contact.days.higherKey(one.day());
                if (next != null) touched.add(next);
            }
            for (int day : touched) {
                forward(event, memberKey(contact, String.valueOf(day)), records.day(contact, order, day), "days");
            }
        }

        private byte[] memberKey(Contact contact, String member) {
            return (text("account_id") + "|" + contact.id + "|" + member).getBytes(StandardCharsets.UTF_8);
        }

        private void forward(Record<byte[], byte[]> event, byte[] key, byte[] value, String sink) {
            context.forward(event.withKey(key).withValue(value), sink);
        }

        private GenericRecord decode(byte[] payload) {
            decoder = DecoderFactory.get().binaryDecoder(
                    payload, HEADER_BYTES, payload.length - HEADER_BYTES, decoder);
            try {
                return reader.read(order, decoder);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }

        private String text(String field) {
            return order.get(field).toString();
        }

        private long number(String field) {
            return (Long) order.get(field);
        }

        private static byte[] change(Contact contact, String before, String eventId) {
            return ("{\"contact\":\"" + contact.id + "\",\"from\":\"" + before + "\",\"to\":\"" + contact.segment
                    + "\",\"r\":" + contact.r + ",\"f\":" + contact.f + ",\"m\":" + contact.m
                    + ",\"orders\":" + contact.orders + ",\"revenue\":" + contact.revenue
                    + ",\"cause_event_id\":\"" + eventId + "\"}").getBytes(StandardCharsets.UTF_8);
        }
    }
}
