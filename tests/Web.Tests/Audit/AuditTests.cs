using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Web.Audit;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using HallOps.Web.Tests.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static HallOps.Web.Tests.Cli.CommandRun;

namespace HallOps.Web.Tests.Audit;

public sealed class AuditTests
{
    private const string Password = "four score years";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task Write_OfAccountsAndDevices_LeavesOneRow_WithWhoAndWhatAndOf(SqlKind kind)
    {
        await using var server = await StartedAsync(kind);
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("accounts", new { user = "li", name = "Li Si", password = Password, roles = new object[] { new { role = "clerk", halls = new[] { "h" } } }, staff = new { h = "w01" } }, Cancel)).EnsureSuccessStatusCode();
        (await admin.PutAsJsonAsync("accounts/li", new { name = "Li Si", roles = new object[] { new { role = "analyst" } }, disabled = true }, Cancel)).EnsureSuccessStatusCode();
        (await admin.DeleteAsync("accounts/li", Cancel)).EnsureSuccessStatusCode();
        using var refused = await admin.DeleteAsync("accounts/admin", Cancel);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var linked = await admin.PostAsJsonAsync("devices/links", new { kind = "pad", hall = "h", window = "1" }, Cancel);
        var secret = (await RunningServer.JsonAsync(linked)).GetProperty("url").GetString()!.Split('#')[1];
        using var redeemed = await admin.PostAsJsonAsync("devices/redeem", new { secret }, Cancel);
        var device = Assert.Single((await admin.GetFromJsonAsync<JsonElement>("devices", Cancel)).EnumerateArray()).GetProperty("id").GetString();
        (await admin.DeleteAsync($"devices/{device}", Cancel)).EnsureSuccessStatusCode();

        var rows = await RowsAsync(server);
        var link = rows.Single(r => r.What == AuditWords.LinkMade).Of;
        Assert.Equal(
            [
                "admin accountAdded li h: roles clerk (h); staff w01 in h; new password",
                "admin accountChanged li -: roles analyst (all halls); disabled",
                "admin accountRemoved li -: ",
                $"admin linkMade {link} h: pad, window 1",
                $"device:{device} deviceEnrolled {device} h: pad, window 1; {link} of admin",
                $"admin deviceRemoved {device} h: pad, window 1",
            ],
            rows.Where(r => r.What != AuditWords.SignIn && r.Of is not ("admin" or "auditor")).Select(r => $"{r.Who} {r.What} {r.Of} {r.Hall ?? "-"}: {r.Detail}"));
        Assert.All(rows, r => Assert.DoesNotContain("Li Si", r.Detail ?? "", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(n => (long)n), rows.Select(r => r.Number));
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task SignIn_GoodOrNot_LeavesARow_AndNeverANameThatIsNoAccounts(SqlKind kind)
    {
        await using var server = await StartedAsync(kind);
        var before = (await RowsAsync(server)).Count;
        using var unknown = await server.TrySignInAsync("my secret password", Password);
        for (var i = 0; i < 6; i++) (await server.TrySignInAsync("auditor", "something else")).Dispose();
        using var good = await server.TrySignInAsync("admin", RunningServer.Password);

        Assert.Equal(
            ["anonymous - unknown", .. Enumerable.Repeat("anonymous auditor wrong", 4), "anonymous auditor lockedOut", "anonymous auditor locked", "admin admin done"],
            (await RowsAsync(server)).Skip(before).Select(r => $"{r.Who} {r.Of ?? "-"} {r.Outcome}"));
    }

    [Fact]
    public async Task ImportAndErasure_LeaveARow_AndAHallsOwnEventsDoNot()
    {
        await using var server = await StartedAsync();
        await server.AddHallAsync("h");
        var before = (await RowsAsync(server)).Count;
        var document = Path.Combine(server.Folder.FullPath, "h.json");
        await File.WriteAllTextAsync(document, RunningServer.Document("h").Replace("综合", "其他", StringComparison.Ordinal), Cancel);
        Assert.Equal(0, (await RunAsync("hall", "import", document, "--data", server.Folder.FullPath)).Exit);
        var people = server.App.Services.GetRequiredService<IPeople>();
        var person = await people.ExchangeAsync("phone", "13800000000", Cancel);
        Assert.True(await people.EraseAsync(person, "admin", Cancel));
        await people.ExchangeAsync("phone", "13900000000", Cancel);
        server.Time.Forward(TimeSpan.FromDays(31));
        Assert.Equal(1, await people.EraseDueAsync(Cancel));
        Assert.Equal(0, await people.EraseDueAsync(Cancel));

        Assert.Equal(["local hallImported h", $"admin personErased {person}", "system peopleForgotten "], (await RowsAsync(server)).Skip(before).Select(r => $"{r.Who} {r.What} {r.Of}"));
    }

    [Fact]
    public async Task Pages_GoThroughAllRowsOnce_AndSayThatTheChainIsWhole()
    {
        await using var server = await StartedAsync();
        for (var i = 0; i < 3; i++) (await server.TrySignInAsync("admin", RunningServer.Password)).Dispose();
        using var auditor = await server.SignInAsync("auditor", Password);
        var numbers = new List<long>();
        for (long? next = long.MaxValue; next is { } before;)
        {
            var page = await auditor.GetFromJsonAsync<JsonElement>($"audit?limit=2&before={before}", Cancel);
            Assert.Equal("whole", page.GetProperty("chain").GetString());
            Assert.Equal(JsonValueKind.Null, page.GetProperty("brokenAt").ValueKind);
            numbers.AddRange(page.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("number").GetInt64()));
            next = page.GetProperty("next").ValueKind == JsonValueKind.Null ? null : page.GetProperty("next").GetInt64();
        }
        var rows = await RowsAsync(server);
        Assert.Equal(rows.Select(r => r.Number).Reverse(), numbers);

        var head = (await auditor.GetFromJsonAsync<JsonElement>("audit?limit=1", Cancel)).GetProperty("head");
        Assert.Equal((rows[^1].Number, Convert.ToHexStringLower(rows[^1].Chain)), (head.GetProperty("number").GetInt64(), head.GetProperty("chain").GetString()));
        using var wrong = await auditor.GetAsync("audit?limit=0", Cancel);
        Assert.Equal("BadField", await RunningServer.CodeOf(wrong));
    }

    [Fact]
    public async Task AuditorOfOneHall_SeesWhatConcernsThatHallAlone()
    {
        await using var server = await StartedAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        foreach (var (user, role, hall) in new[] { ("watch", "auditor", "h"), ("mine", "clerk", "h"), ("theirs", "clerk", "o") })
            (await admin.PostAsJsonAsync("accounts", new { user, name = user, password = Password, roles = new[] { new { role, halls = new[] { hall } } } }, Cancel)).EnsureSuccessStatusCode();
        using var watch = await server.SignInAsync("watch", Password);

        var page = await watch.GetFromJsonAsync<JsonElement>("audit", Cancel);

        Assert.Equal(["signIn watch", "accountAdded mine", "accountAdded watch"], page.GetProperty("rows").EnumerateArray().Select(r => $"{r.GetProperty("what").GetString()} {r.GetProperty("of").GetString()}"));
        Assert.Equal("whole", page.GetProperty("chain").GetString());
    }

    [Theory]
    [InlineData("UPDATE audit SET who = 'nobody' WHERE number = 2", 2)]
    [InlineData("DELETE FROM audit WHERE number = 2", 2)]
    [InlineData("UPDATE audit SET chain = zeroblob(32) WHERE number = 1", 1)]
    public async Task Row_IsNeitherChangedNorRemoved_AndWhereItIsByForce_ItShows(string change, long at)
    {
        await using var server = await StartedAsync();
        using (var auditor = await server.SignInAsync("auditor", Password)) { }
        var whole = await RunAsync("journal", "verify", "--data", server.Folder.FullPath);
        Assert.Equal(0, whole.Exit);
        Assert.Matches("\naudit: [0-9]+ rows, whole, chain [0-9a-f]{64}\n$", whole.Output);

        await using (var database = new SqliteConnection($"Data Source={server.Folder.DatabasePath};Pooling=False"))
        {
            await database.OpenAsync(Cancel);
            Assert.Contains("a row of the audit is never", (await Assert.ThrowsAsync<SqliteException>(() => ExecuteAsync(database, change))).Message, StringComparison.Ordinal);
            await ExecuteAsync(database, "DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks");
            await ExecuteAsync(database, change);
        }

        var broken = await RunAsync("journal", "verify", "--data", server.Folder.FullPath);
        Assert.Equal(1, broken.Exit);
        Assert.EndsWith($"\naudit: not whole from row {at} on\n", broken.Output, StringComparison.Ordinal);
        Assert.Equal($"hallops: the audit in {server.Folder.DatabasePath} is not whole: row {at} was changed, added or removed by other means than the server; compare it with a backup.\n", broken.Error);
        using var reader = await server.SignInAsync("auditor", Password);
        var page = await reader.GetFromJsonAsync<JsonElement>("audit", Cancel);
        Assert.Equal("broken", page.GetProperty("chain").GetString());
        Assert.InRange(page.GetProperty("brokenAt").GetInt64(), at, at + 1);
    }

    [Fact]
    public async Task DatabaseOfBeforeTheAudit_IsBroughtUpToDate()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-audit-").FullName);
        try
        {
            await using (var server = await RunningServer.StartAsync(folder)) await server.SetUpAsync();
            await using (var database = new SqliteConnection($"Data Source={folder.DatabasePath};Pooling=False"))
            {
                await database.OpenAsync(Cancel);
                await ExecuteAsync(database, "DROP TABLE audit; DELETE FROM __EFMigrationsHistory WHERE MigrationId = '20261121200000_Audit'");
            }
            Assert.Equal(0, (await RunAsync("journal", "verify", "--data", folder.FullPath)).Exit);

            await using var again = await RunningServer.StartAsync(folder);
            using var admin = await again.SignInAsync();
            Assert.Equal((1L, "signIn"), Assert.Single((await RowsAsync(again)).Select(r => (r.Number, r.What))));
        }
        finally
        {
            Directory.Delete(folder.FullPath, recursive: true);
        }
    }

    // A set-up server with an account "auditor" for every hall.
    private static async Task<RunningServer> StartedAsync(SqlKind kind = SqlKind.Sqlite)
    {
        var server = await RunningServer.StartAsync(postgres: await PostgresRun.DatabaseAsync(kind));
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("accounts", new { user = "auditor", name = "A", password = Password, roles = new[] { new { role = "auditor" } } }, Cancel)).EnsureSuccessStatusCode();
        return server;
    }

    private static async Task<List<AuditRow>> RowsAsync(RunningServer server)
    {
        await using var database = await server.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        return await database.Audit.AsNoTracking().OrderBy(r => r.Number).ToListAsync(Cancel);
    }

    private static async Task ExecuteAsync(SqliteConnection database, string sql)
    {
        await using var command = database.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
