using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using HallOps.Load.Engine;
using HallOps.Load.Journal;
using HallOps.Load.Measuring;
using HallOps.Load.Server;
using HallOps.Web.Tests.Storage;

namespace HallOps.Web.Tests.Operations;

/// <summary>What <c>dotnet publish</c> makes, started from an empty folder with nothing but the environment to go by.</summary>
public sealed class PublishedTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Output_InAnEmptyFolder_ServesByTheEnvironmentAlone(bool onServers)
    {
        var program = await PublishAsync();
        using var postgres = onServers ? PostgresServer.Start(_folder, PostgresRun.Quick) : null;
        using var redis = onServers ? await RedisProcess.StartAsync(_folder) : null;
        var empty = _folder.Sub("empty");
        var start = new ProcessStartInfo(Path.Combine(program, "hallops")) { WorkingDirectory = empty };
        start.Environment["HallOps__Urls"] = "http://127.0.0.1:0";
        if (postgres is not null) start.Environment["ConnectionStrings__HallOps"] = postgres.ConnectionString;
        if (redis is not null) start.Environment["ConnectionStrings__Redis"] = redis.Address;
        if (onServers) start.Environment["HallOps__KeySecret"] = "of the published program";

        string number, token;
        await using (var server = await ServerProcess.StartAsync(start))
        {
            using var http = new HttpClient();
            var provision = new Provision(http, () => server.Address, new Random(1));
            await provision.SignInAsync();
            var hall = System.Text.Encoding.UTF8.GetBytes(RunningServer.Document("h"));
            await provision.ImportAsync("h", hall);
            var service = (string)JsonNode.Parse(hall)!["services"]![0]!["service"]!;
            var kiosk = provision.Caller(await provision.DeviceAsync("kiosk", "h"));
            var ticket = Provision.Expect(await kiosk.PostAsync("halls/h/tickets", new JsonObject { ["service"] = service }, cancel: Cancel), "a number");
            (number, token) = (ticket.Text("number"), ticket.Text("token"));
            foreach (var page in new[] { "/", "/board/h", "/css/tokens.css", "/js/api.js", "/lib/signalr/signalr.min.js", "/health" })
                using (var shown = await http.GetAsync(new Uri(server.Address, page), Cancel)) Assert.True(shown.IsSuccessStatusCode, $"{page}: {(int)shown.StatusCode}");
            await server.StopAsync();
        }
        Assert.Equal(["data"], Directory.EnumerateFileSystemEntries(empty).Select(Path.GetFileName));
        Assert.Equal(!onServers, File.Exists(Path.Combine(empty, "data", "journal.db")));
        Assert.Equal(!onServers, File.Exists(Path.Combine(empty, "data", "hallops.db")));

        await using (var again = await ServerProcess.StartAsync(start))
        {
            using var http = new HttpClient();
            var seen = Provision.Expect(await new Provision(http, () => again.Address, new Random(2)).Caller(null).GetAsync($"tickets/{token}", Cancel), "the ticket");
            Assert.Equal(number, seen.Text("number"));
            await again.StopAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> PublishAsync()
    {
        string Of(string key) => typeof(PublishedTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
        var to = Path.Combine(_folder.Path, "published");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", Of("Published"), "--no-build", "-c", Of("Configuration"), "-o", to, "-v", "quiet", "--nologo"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(publish.StandardOutput.ReadToEndAsync(Cancel), publish.StandardError.ReadToEndAsync(Cancel));
        await publish.WaitForExitAsync(Cancel);
        Assert.True(publish.ExitCode == 0, string.Concat(said));
        return to;
    }
}
