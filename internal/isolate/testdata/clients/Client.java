import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

public class Client {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String answer = client.send(HttpRequest.newBuilder(URI.create("https://id.kiotviet.vn/connect/token"))
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials")).build(), BodyHandlers.ofString()).body();
        String token = answer.replaceAll("(?s).*\"access_token\":\"([^\"]*)\".*", "$1");
        System.out.println(client.send(HttpRequest.newBuilder(URI.create("https://public.kiotapi.com/products"))
            .header("Authorization", "Bearer " + token).build(), BodyHandlers.ofString()).body());
    }
}
