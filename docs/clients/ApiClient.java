import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;

class ApiClient {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static final String MEMBERSHIPS = System.getenv("GATEWAY") + "/api/v1/memberships";

    static String ask(HttpRequest.Builder request, String token) throws Exception {
        var answer = CLIENT.send(
            request.header("Authorization", "Bearer " + System.getenv(token))
                .header("Content-Type", "application/json").build(),
            HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IllegalStateException(answer.body());
        return answer.body();
    }

    static String send(String path, String key, String token, String json) throws Exception {
        return ask(HttpRequest.newBuilder(URI.create(MEMBERSHIPS + path))
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(json)), token);
    }

    static String state(String membership) throws Exception {
        return ask(HttpRequest.newBuilder(URI.create(MEMBERSHIPS + "/" + membership)), "SYSTEM_TOKEN");
    }

    public static void main(String[] args) throws Exception {
        var key = UUID.randomUUID().toString();
        var membership = "membership-" + key;
        send("", key, "SYSTEM_TOKEN", """
            {"applicant": {"name": "Per Hansen", "birth_date": "1990-03-01", "email": "%s@example.org"},
             "category": "ordinary", "consents": {"terms": true}}
            """.formatted(key));
        while (!state(membership).contains("\"stage\":\"under_review\"")) Thread.sleep(200);
        System.out.println(send("/" + membership + "/messages/decide_application", "decision-1",
            "CASEWORKER_TOKEN", """
            {"decision": "approve", "caseworker": "ola"}
            """));
    }
}
