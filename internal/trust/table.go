package trust

import "strings"

// Text is a sentence in both languages of the documentation. Names of programs, files and variables are between backquotes.
type Text struct{ English, Vietnamese string }

// Row is a language, a library or a program: what makes it trust the authority, what a sandbox does for it, and what does not work.
type Row struct {
	Client Text
	Trusts Text
	Done   Text
	Not    Text
	Test   string // the client of [TestUnchangedClientsReachTheServer] in internal/isolate; "" is taken from documents
}

var (
	asIs     = Text{"set to the system's list with the authority", "đặt thành danh sách của hệ thống cộng thêm chứng chỉ gốc"}
	addition = Text{"set to a file with the authority", "đặt thành tệp có chứng chỉ gốc"}
	covered  = Text{"the file is covered by one with the authority", "tệp này được che bằng tệp có thêm chứng chỉ gốc"}
	none     = Text{"", ""}
)

// Table is what is known of languages and programs.
var Table = []Row{
	{
		Text{"curl, libcurl with OpenSSL or GnuTLS", "curl, libcurl dùng OpenSSL hoặc GnuTLS"},
		Text{"`CURL_CA_BUNDLE`, `SSL_CERT_FILE`, or the system's file", "`CURL_CA_BUNDLE`, `SSL_CERT_FILE`, hoặc tệp của hệ thống"},
		asIs,
		Text{"`--cacert` and `--capath` of the caller replace it", "`--cacert` và `--capath` ghi đè"},
		"curl",
	},
	{
		Text{"wget, and what else uses GnuTLS", "wget và các chương trình dùng GnuTLS"},
		Text{"`/etc/ssl/certs/ca-certificates.crt`", "`/etc/ssl/certs/ca-certificates.crt`"},
		covered,
		Text{"with `--hosts`: the authority must be in the system's store", "với `--hosts`: phải cài chứng chỉ gốc vào kho của hệ thống"},
		"wget",
	},
	{
		Text{"Go (`net/http`)", "Go (`net/http`)"},
		Text{"`SSL_CERT_FILE`, or the system's file", "`SSL_CERT_FILE`, hoặc tệp của hệ thống"},
		asIs,
		Text{"on macOS and Windows the system's store alone; `RootCAs` in code", "trên macOS và Windows chỉ kho của hệ thống; `RootCAs` đặt trong mã"},
		"go",
	},
	{
		Text{"Node.js: `fetch`, `https`, axios, got", "Node.js: `fetch`, `https`, axios, got"},
		Text{"the list built in, and `NODE_EXTRA_CA_CERTS`", "danh sách có sẵn và `NODE_EXTRA_CA_CERTS`"},
		addition,
		Text{"`ca` in code; `dns.resolve`, which asks DNS and not the hosts file", "`ca` đặt trong mã; `dns.resolve` hỏi DNS, không đọc tệp hosts"},
		"node",
	},
	{
		Text{"Python: `urllib`, httpx, aiohttp", "Python: `urllib`, httpx, aiohttp"},
		Text{"OpenSSL's files, and `SSL_CERT_FILE`", "tệp của OpenSSL và `SSL_CERT_FILE`"},
		asIs,
		Text{"`certifi.where()` in code", "`certifi.where()` đặt trong mã"},
		"python",
	},
	{
		Text{"Python: requests", "Python: requests"},
		Text{"certifi's list, or `REQUESTS_CA_BUNDLE`", "danh sách của certifi hoặc `REQUESTS_CA_BUNDLE`"},
		asIs,
		Text{"`verify` with a file; `trust_env = False`", "`verify` với một tệp; `trust_env = False`"},
		"requests",
	},
	{
		Text{"PHP: the extension curl, Guzzle, Laravel", "PHP: phần mở rộng curl, Guzzle, Laravel"},
		Text{"`curl.cainfo` of php.ini", "`curl.cainfo` trong php.ini"},
		Text{"`PHP_INI_SCAN_DIR` gets a directory that sets it", "`PHP_INI_SCAN_DIR` thêm thư mục đặt mục này"},
		Text{"`CURLOPT_CAINFO` in code; `php -n`; a PHP-FPM that runs already", "`CURLOPT_CAINFO` đặt trong mã; `php -n`; PHP-FPM đã chạy từ trước"},
		"php curl",
	},
	{
		Text{"PHP: `file_get_contents` and other streams", "PHP: `file_get_contents` và các stream"},
		Text{"`openssl.cafile` of php.ini", "`openssl.cafile` trong php.ini"},
		Text{"`PHP_INI_SCAN_DIR` gets a directory that sets it", "`PHP_INI_SCAN_DIR` thêm thư mục đặt mục này"},
		Text{"`cafile` in the context; `php -n`", "`cafile` trong context; `php -n`"},
		"php streams",
	},
	{
		Text{"Java, Kotlin, Scala", "Java, Kotlin, Scala"},
		Text{"`cacerts` of the JDK, or `javax.net.ssl.trustStore`", "`cacerts` của JDK, hoặc `javax.net.ssl.trustStore`"},
		Text{"`JAVA_TOOL_OPTIONS` names a store with `cacerts` and the authority; Java says so on standard error", "`JAVA_TOOL_OPTIONS` trỏ tới kho gồm `cacerts` và chứng chỉ gốc; Java báo điều này ra standard error"},
		Text{"an `SSLContext` with a store of its own", "`SSLContext` có kho riêng"},
		"java",
	},
	{
		Text{"Ruby, Perl, and what else uses OpenSSL", "Ruby, Perl và các chương trình dùng OpenSSL"},
		Text{"`SSL_CERT_FILE`; LWP of Perl `PERL_LWP_SSL_CA_FILE`", "`SSL_CERT_FILE`; LWP của Perl dùng `PERL_LWP_SSL_CA_FILE`"},
		asIs,
		Text{"programs that are started with an empty environment", "chương trình được chạy với môi trường rỗng"},
		"",
	},
	{
		Text{"git, pip, the AWS CLI, cargo, gRPC, Nix", "git, pip, AWS CLI, cargo, gRPC, Nix"},
		Text{"`GIT_SSL_CAINFO`, `PIP_CERT`, `AWS_CA_BUNDLE`, `CARGO_HTTP_CAINFO`, `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`, `NIX_SSL_CERT_FILE`", "`GIT_SSL_CAINFO`, `PIP_CERT`, `AWS_CA_BUNDLE`, `CARGO_HTTP_CAINFO`, `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`, `NIX_SSL_CERT_FILE`"},
		asIs, none, "",
	},
	{
		Text{"Deno", "Deno"}, Text{"the list built in, and `DENO_CERT`", "danh sách có sẵn và `DENO_CERT`"}, addition, none, "",
	},
	{
		Text{"Bun", "Bun"}, Text{"the list built in, and `NODE_EXTRA_CA_CERTS`", "danh sách có sẵn và `NODE_EXTRA_CA_CERTS`"}, addition, none, "",
	},
	{
		Text{".NET on Linux", ".NET trên Linux"},
		Text{"OpenSSL's directory and file, `SSL_CERT_DIR` and `SSL_CERT_FILE`", "thư mục và tệp của OpenSSL, `SSL_CERT_DIR` và `SSL_CERT_FILE`"},
		asIs,
		Text{"on macOS and Windows the system's store alone", "trên macOS và Windows chỉ kho của hệ thống"},
		"",
	},
	{
		Text{"n8n", "n8n"},
		Text{"as Node.js: `NODE_EXTRA_CA_CERTS`", "như Node.js: `NODE_EXTRA_CA_CERTS`"},
		addition,
		Text{"its container, see below", "n8n trong container, xem dưới"},
		"",
	},
	{
		Text{"Rust: rustls-native-certs, native-tls", "Rust: rustls-native-certs, native-tls"},
		Text{"`SSL_CERT_FILE`, or the system's files", "`SSL_CERT_FILE`, hoặc tệp của hệ thống"},
		asIs,
		Text{"webpki-roots, whose list is built in", "webpki-roots, danh sách nằm sẵn trong chương trình"},
		"",
	},
	{
		Text{"Erlang, Elixir", "Erlang, Elixir"},
		Text{"the system's file (`public_key:cacerts_get`)", "tệp của hệ thống (`public_key:cacerts_get`)"},
		covered,
		Text{"hackney with certifi, whose list is built in", "hackney với certifi, danh sách nằm sẵn trong chương trình"},
		"",
	},
	{
		Text{"Dart", "Dart"}, Text{"the system's file", "tệp của hệ thống"}, covered, none, "",
	},
	{
		Text{"Chrome, Firefox, Electron", "Chrome, Firefox, Electron"},
		Text{"stores of their own", "kho riêng"},
		Text{"nothing", "không có"},
		Text{"import the authority by hand", "nhập chứng chỉ gốc bằng tay"},
		"",
	},
	{
		Text{"Programs in containers, and services that run already", "Chương trình trong container và dịch vụ đã chạy từ trước"},
		Text{"what their own file systems and environments have", "những gì hệ tệp và môi trường của chúng có"},
		Text{"nothing: another process starts them", "không có: tiến trình khác khởi động chúng"},
		Text{"start the sandbox inside, or name its address and the authority to them", "chạy sandbox bên trong, hoặc chỉ cho chúng địa chỉ và chứng chỉ gốc"},
		"",
	},
}

// Markdown returns the table as part of a document, in Vietnamese or in English.
func Markdown(vietnamese bool) string {
	pick := func(t Text) string {
		if vietnamese {
			return t.Vietnamese
		}
		return t.English
	}
	tested, documented := Text{"tested", "có kiểm thử"}, Text{"from documents", "theo tài liệu"}
	var b strings.Builder
	line := func(cells ...string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(pick(Text{"client", "chương trình"}), pick(Text{"trusts", "tin"}), pick(Text{"what the sandbox does", "sandbox làm gì"}), pick(Text{"does not work", "không dùng được"}), "")
	line("---", "---", "---", "---", "---")
	for _, r := range Table {
		known := documented
		if r.Test != "" {
			known = tested
		}
		line(pick(r.Client), pick(r.Trusts), pick(r.Done), pick(r.Not), pick(known))
	}
	return b.String()
}
