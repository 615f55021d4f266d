"""URLs and addresses that no webhook may reach. `CANARY` stands for the port of a server to be left alone."""

CANARY = "{port}"

URLS = [
    # loopback in every notation
    "https://127.0.0.1/", "https://127.0.0.1:443/",
    "https://127.1/", "https://127.0.1/", "https://2130706433/",
    "https://0x7f000001/", "https://0x7f.1/", "https://0x7f.0x0.0x0.0x1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://127.000.000.001/",
    "https://0/", "https://0.0.0.0/", "https://127.0.0.1./",
    "https://127.255.255.254/", "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/", "https://[::1%25lo]/",
    # names of this machine and of its neighbours
    "https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://localhost:8443/",
    "https://foo.localhost/", "https://router/", "https://ip6-localhost/",
    # private and shared networks
    "https://10.0.0.1/", "https://10.255.255.255/", "https://172.16.0.1/", "https://172.31.255.255/",
    "https://192.168.0.1/", "https://100.64.0.1/", "https://100.100.100.200/", "https://192.0.0.1/",
    "https://198.18.0.1/", "https://[fd00::1]/", "https://[fc00::1]/", "https://[fec0::1]/",
    # link-local, and where clouds keep what they tell their machines
    "https://169.254.169.254/latest/meta-data/", "https://169.254.170.2/", "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/", "https://[fd00:ec2::254]/", "https://168.63.129.16/", "https://0xa9fea9fe/",
    "https://2852039166/", "https://[::ffff:169.254.169.254]/",
    # translations and tunnels around IPv4
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::169.254.169.254]/", "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::1]/",
    "https://[2001:0:7f00:1::]/", "https://192.88.99.1/",
    # multicast, broadcast, documentation, reserved
    "https://224.0.0.1/", "https://239.255.255.250/", "https://255.255.255.255/", "https://240.0.0.1/",
    "https://192.0.2.1/", "https://198.51.100.1/", "https://203.0.113.1/", "https://[ff02::1]/",
    "https://[2001:db8::1]/", "https://[3fff::1]/",
    # what parsers disagree about
    "https://user@127.0.0.1/", "https://user:pw@hooks.example.com/", "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com#@127.0.0.1/", "https://127.0.0.1#hooks.example.com/",
    "https://hooks.example.com\\@127.0.0.1/", "https://127.0.0.1\t/", "https://127.0.0.1\n.example.com/",
    "https://hooks.example.com /", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://ｌocalhost/",  # noqa: RUF001 - full width on purpose
    "https://%6c%6f%63%61%6c%68%6f%73%74/", "https://[127.0.0.1]/", "https://hooks.example.com:0x1bb/",
    "https://-a.example.com/", "https://a..example.com/", "https:///path", "https://", "//127.0.0.1/", "",
    # other schemes and ports
    "http://hooks.example.com/", "ftp://hooks.example.com/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_",
    "unix:///var/run/docker.sock", "javascript:alert(1)", "https://hooks.example.com:22/",
    "https://hooks.example.com:80/", "https://hooks.example.com:9092/", f"https://127.0.0.1:{CANARY}/",
    f"http://localhost:{CANARY}/", f"http://[::1]:{CANARY}/", f"https://hooks.example.com:{CANARY}/",
]  # fmt: skip

ADDRESSES = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3",  # noqa: S104 - refused, not bound
    "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.254", "198.19.0.1",
    "192.0.0.192", "224.0.0.251", "255.255.255.255", "168.63.129.16",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::a00:1",
    "2002:a00:1::1", "2001::1", "fe80::1", "fe80::1%1",
    "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
]  # fmt: skip
"""What a name may turn out to be."""

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
]
