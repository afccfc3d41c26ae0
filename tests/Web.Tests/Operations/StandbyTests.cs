using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HallOps.Load.Engine;
using HallOps.Load.Halls;
using HallOps.Load.Journal;
using HallOps.Load.Kill;
using HallOps.Load.Measuring;
using HallOps.Load.Server;
using HallOps.Web.Tests.Storage;

namespace HallOps.Web.Tests.Operations;

/// <summary>Real servers on one Redis and one PostgreSQL: one serves, the other stands by. <c>load -- pair</c> troubles them for as long as is wanted.</summary>
public sealed class StandbyTests : IDisposable
{
    private static readonly TimeSpan TakeOverWithin = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pair_KilledPausedAndStoppedUnderLoad_HasEveryAcknowledgedStepExactlyOnce()
    {
        var seed = Environment.TickCount & int.MaxValue;
        var document = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"), Cancel);
        var troubles = new Queue<Trouble>([Trouble.Kill, Trouble.Pause, Trouble.KillRedis, Trouble.Stop]);
        var outcome = await PairRun.RunAsync(_folder, AlwaysOpen.Of(document), () => troubles.TryDequeue(out var trouble) ? trouble : null, seed, cancel: Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join("\n", outcome.Resumed));
        Assert.True(outcome.Wrong.Count == 0, $"seed {seed}: {string.Join("\n", outcome.Wrong)}");
        Assert.True(outcome.Acknowledged >= 100, $"seed {seed}: only {outcome.Acknowledged} steps were acknowledged.");
        Assert.All(outcome.Resumed, r => Assert.True(r.After < TakeOverWithin, $"seed {seed}: after {r.Trouble} it took {r.After.TotalSeconds:0.0} s"));
    }

    [Fact]
    public async Task Standby_SaysSo_AndTakesOverWithKeysHolidaysAndSignIns()
    {
        using var postgres = PostgresServer.Start(_folder, PostgresRun.Quick);
        using var redis = await RedisProcess.StartAsync(_folder);
        var (sql, journal) = (new[] { "--ConnectionStrings:HallOps", postgres.ConnectionString }, new[] { "--ConnectionStrings:Redis", redis.Address });
        string[] both = [.. sql, .. journal, "--HallOps:KeySecret", "of these two machines"];
        await using var first = await ServerProcess.StartAsync(_folder.Sub("first"), settings: both);
        using var http = new HttpClient();
        var at = first.Address;
        var provision = new Provision(http, () => at, new Random(1));
        await provision.SignInAsync();
        var admin = provision.Caller(await provision.AdminTokenAsync());
        await provision.ImportAsync("rudong-town", AlwaysOpen.Of(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"), Cancel)));
        var kiosk = provision.Caller(await provision.DeviceAsync("kiosk", "rudong-town"));
        var ticket = Provision.Expect(await kiosk.PostAsync("halls/rudong-town/tickets", Body(), cancel: Cancel), "a number");
        Provision.Expect(await admin.PutAsync("holidays", """{"year": 2031, "days": [{"date": "2031-01-01", "name": "元旦", "isOffDay": true}]}"""u8.ToArray(), Cancel), "holidays");

        // Whoever may not stand by is told what to set.
        Assert.Matches("^hallops: HallOps:KeySecret does not open .* in .*: it is not the one that the other machines have.\n$", await RefusedAsync([.. sql, .. journal, "--HallOps:KeySecret", "of another machine"]));
        Assert.Matches("^hallops: Another process \\(.*\\) serves the halls in the Redis at .*: set ConnectionStrings:HallOps and HallOps:KeySecret on both.\n$", await RefusedAsync(journal));
        var command = await Cli.CommandRun.RunAsync(["hall", "import", Path.Combine(AppContext.BaseDirectory, "samples/halls/jiangyong-county.json"), "--data", _folder.Sub("other"), .. both]);
        Assert.Matches("^hallops: The halls in the Redis at .* are served by another process \\(.*\\): run the command there, or stop that first.\n$", command.Error);

        await using var second = await ServerProcess.StartAsync(_folder.Sub("second"), settings: both);
        Assert.Contains("Stands by at", second.Said, StringComparison.Ordinal);
        Assert.Equal("""{"status":"standby"}""", await http.GetStringAsync(new Uri(second.Address, "/alive"), Cancel));
        using (var health = await http.GetAsync(new Uri(second.Address, "/health"), Cancel))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
            Assert.Equal("standby", (string?)(await health.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["status"]);
        }
        using (var asked = await http.GetAsync(new Uri(second.Address, "/api/v1/halls"), Cancel))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "NotOwner"), (asked.StatusCode, (string?)(await asked.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["code"]));
            Assert.True(asked.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }
        using (var page = new HttpRequestMessage(HttpMethod.Get, new Uri(second.Address, "/board/rudong-town")) { Headers = { { "Accept", "text/html" } } })
        using (var shown = await http.SendAsync(page, Cancel))
        {
            var html = await shown.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, shown.StatusCode);
            Assert.Contains("系统正在切换", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
            Assert.Contains("The system is switching over", html, StringComparison.Ordinal);
        }

        var standby = second.Address;
        await first.StopAsync();
        // On a port of its own again, since none was named.
        var began = TimeProvider.System.GetTimestamp();
        while ((at = second.Address) == standby)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TakeOverWithin, second.Said);
            await Task.Delay(100, Cancel);
        }

        var seen = Provision.Expect(await provision.Caller(null).GetAsync($"tickets/{ticket.Text("token")}", Cancel), "the ticket");
        Assert.Equal(ticket.Text("number"), seen.Text("number"));
        var holidays = Provision.Expect(await admin.GetAsync("holidays", Cancel), "holidays, by a token of the first server");
        Assert.Contains(holidays.Body!["years"]!.AsArray(), y => (int?)y!["year"] == 2031);
        // It knows the person again, by the keys of the first.
        Assert.Equal("AlreadyWaiting", (await kiosk.PostAsync("halls/rudong-town/tickets", Body(), cancel: Cancel)).Code);

        JsonObject Body() => new() { ["phone"] = "13800001234", ["service"] = (string)JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json")))!["services"]![0]!["service"]! };
    }

    [Fact]
    public async Task Folder_KeepsToWhereItsJournalIs()
    {
        using var redis = await RedisProcess.StartAsync(_folder);
        string[] journal = ["--ConnectionStrings:Redis", redis.Address];
        await using (var onRedis = await ServerProcess.StartAsync(_folder.Sub("redis-data"), settings: journal)) await onRedis.StopAsync();
        Assert.Matches("^hallops: The journal of .* is in Redis \\(127.0.0.1:[0-9]+\\): set ConnectionStrings:Redis, or choose another folder with --data.\n$", await RefusedAsync([], "redis-data"));
        Assert.Matches("^hallops: the journal in the Redis at .* belongs to another deployment: .*\n$", await RefusedAsync(journal, "third"));
        await using (var onSqlite = await ServerProcess.StartAsync(_folder.Sub("sqlite-data"))) await onSqlite.StopAsync();
        Assert.Matches("^hallops: ConnectionStrings:Redis is set, but the journal of .* is in journal.db: copy it .*\n$", await RefusedAsync(journal, "sqlite-data"));
        var away = await Cli.CommandRun.RunAsync("hall", "import", Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json"), "--data", _folder.Sub("away"), "--ConnectionStrings:Redis", "127.0.0.1:1");
        Assert.Equal(1, away.Exit);
        Assert.Matches("^hallops: ConnectionStrings:Redis: The journal in the Redis at 127.0.0.1:1 does not answer: It was not possible to connect .*\n$", away.Error);
        var backup = await Cli.CommandRun.RunAsync("backup", Path.Combine(_folder.Path, "backup.zip"), "--data", _folder.Sub("redis-data"));
        Assert.Matches("^hallops: The journal of .* is in Redis .*: back that up with its own tools, .*\n$", backup.Error);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> RefusedAsync(string[] settings, string data = "other")
    {
        var (exit, output, error) = await Cli.CommandRun.RunAsync(["serve", "--urls", "http://127.0.0.1:0", "--data", _folder.Sub(data), .. settings]);
        Assert.Equal(1, exit);
        Assert.DoesNotContain("serves http", output, StringComparison.Ordinal);
        return error;
    }
}
