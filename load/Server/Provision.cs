using System.Text.Json.Nodes;

namespace HallOps.Load.Server;

/// <summary>Makes the halls, accounts and devices that a run plays with, over the API as an admin would.</summary>
internal sealed class Provision(HttpClient http, Func<Uri> address, Random random)
{
    private ApiClient? _admin;

    /// <summary>Share of the callers' commands that are sent twice.</summary>
    public double RepeatShare { get; init; }

    public ApiClient Caller(string? token) => new(http, address, token, Seed()) { RepeatShare = RepeatShare };

    public async Task SignInAsync() => _admin = Plain(await AdminTokenAsync());

    public Task<string> AdminTokenAsync() => SignInAsync("admin", ServerProcess.AdminPassword);

    public async Task ImportAsync(string hall, byte[] document) => Expect(await _admin!.PutAsync($"halls/{hall}/config", document), $"importing {hall}");

    /// <summary>An account of one role in one hall, signed in.</summary>
    public async Task<ApiClient> AccountAsync(string user, string role, string hall, string? staff)
    {
        const string Password = "counter-of-the-load-run";
        var body = new JsonObject
        {
            ["user"] = user, ["name"] = user, ["password"] = Password, ["roles"] = new JsonArray(new JsonObject { ["role"] = role, ["halls"] = new JsonArray(hall) }),
        };
        if (staff is not null) body["staff"] = new JsonObject { [hall] = staff };
        Expect(await _admin!.PostAsync("accounts", body), $"adding {user}");
        return Caller(await SignInAsync(user, Password));
    }

    /// <summary>The token of a device enrolled by a one-time link.</summary>
    public async Task<string> DeviceAsync(string kind, string hall, string? window = null)
    {
        var body = new JsonObject { ["kind"] = kind, ["hall"] = hall };
        if (window is not null) body["window"] = window;
        var link = Expect(await _admin!.PostAsync("devices/links", body), $"a link for a {kind} of {hall}").Text("url");
        var redeemed = await Plain(null).PostAsync("devices/redeem", new JsonObject { ["secret"] = link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..] });
        return Expect(redeemed, $"enrolling a {kind} of {hall}").Text("token");
    }

    private async Task<string> SignInAsync(string user, string password) =>
        Expect(await Plain(null).PostAsync("sign-in", new JsonObject { ["user"] = user, ["password"] = password }), $"signing in {user}").Text("token");

    // Sign-ins and links are no commands of a hall: they know no keys.
    private ApiClient Plain(string? token) => new(http, address, token, Seed());

    private int Seed()
    {
        lock (random) return random.Next();
    }

    public static ApiAnswer Expect(ApiAnswer answer, string what) => answer.IsDone ? answer : throw new InvalidOperationException($"{what}: {answer}");
}
