using System.Net;
using System.Net.Http.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Accounts;
using HallOps.Web.Audit;
using HallOps.Web.Calendars;
using HallOps.Web.Devices;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Storage;

/// <summary>Two servers of one deployment on one PostgreSQL: what each keeps in memory follows the other, and what must happen once happens once.</summary>
public sealed class SharedNewsTests(TwoServers two) : IClassFixture<TwoServers>
{
    private readonly RunningServer _a = two.A;
    private readonly RunningServer _b = two.B;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstAccount_MadeThroughOneServer_EndsTheOthersLink_AndTwoLastAdminsWhoRemoveEachOther_LeaveOne()
    {
        await using var own = new TwoServers();
        await own.StartAsync();
        var link = own.B.App.Services.GetRequiredService<FirstAccount>().Secret;
        Assert.NotNull(link);
        await own.A.SetUpAsync();
        // Whether the news have arrived or not.
        using (var client = own.B.Client())
        using (var late = await client.PostAsJsonAsync("setup", new { secret = link, password = "somebody else's word" }, Cancel))
            Assert.Equal("UnknownLink", await RunningServer.CodeOf(late));
        Assert.Null(own.B.App.Services.GetRequiredService<FirstAccount>().Secret);

        using var admin = await own.A.SignInAsync();
        await AddAsync(admin, "other", "admin");
        using var other = await own.B.SignInAsync("other");
        var answers = await Task.WhenAll(admin.DeleteAsync("accounts/other", Cancel), other.DeleteAsync("accounts/admin", Cancel));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.NoContent);
        await using var database = await own.A.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        Assert.Equal(1, await database.Users.CountAsync(Cancel));
    }

    [Fact]
    public async Task SecondFactor_BegunThroughOneServer_IsKnownToTheOther()
    {
        using var admin = await _a.SignInAsync();
        await AddAsync(admin, "factor", "analyst");
        using var client = await _a.SignInAsync("factor");
        using var begun = await client.PostAsync("account/totp", null, Cancel);
        var secret = TotpCodes.FromBase32((await RunningServer.JsonAsync(begun)).GetProperty("secret").GetString()!);
        var step = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30;
        (await client.PostAsJsonAsync("account/totp/confirm", new { code = TotpCodes.CodeAt(secret, step - 1) }, Cancel)).EnsureSuccessStatusCode();
        using var there = await _b.TrySignInAsync("factor", RunningServer.Password, TotpCodes.CodeAt(secret, step));
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Fact]
    public async Task SharedFiles_OfAFolderThatIsNotThereYet_AreTaken()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-shared-").FullName);
        await new SharedFiles(new SqlPlace(folder, two.Database), TwoServers.Secret).TakeMissingAsync(folder.DataProtectionPath, Cancel);
        Assert.NotEmpty(Directory.GetFiles(folder.DataProtectionPath, "*.xml"));
        Directory.Delete(folder.FullPath, recursive: true);
    }

    [Fact]
    public async Task FirstStarts_AtOnceOnAnEmptyDatabase_AreOfOneDeployment()
    {
        for (var round = 0; round < 3; round++)
        {
            var database = await PostgresRun.DatabaseAsync(SqlKind.Postgres);
            var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => RunningServer.StartAsync(postgres: database, keySecret: "of these three servers"), Cancel)));
            var marks = servers.Select(s => s.App.Services.GetRequiredService<Keys>().Mark).Distinct().ToList();
            foreach (var server in servers) await server.DisposeAsync();
            Assert.Single(marks);
        }
    }

    [Fact]
    public async Task Account_DisabledThroughOneServer_IsRefusedByTheOther_AndWhatIsOpenForItThereEnds()
    {
        using var admin = await AdminAsync();
        await AddAsync(admin, "clerk");
        using var clerk = await _b.SignInAsync("clerk");
        await SoonAsync(() => StatusAsync(_b, clerk), HttpStatusCode.Forbidden);
        var caller = await CallerAsync(_b, "clerk");

        await ChangeAsync(admin, "clerk", disabled: true);
        await SoonAsync(() => StatusAsync(_b, clerk), HttpStatusCode.Unauthorized);
        Assert.True(caller.Ended.IsCancellationRequested);

        // An account changed elsewhere a moment ago signs in here at once.
        await ChangeAsync(admin, "clerk", disabled: false);
        using var again = await _b.SignInAsync("clerk");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_b, again));
    }

    [Fact]
    public async Task News_OfWhatIsKnown_EndNothing()
    {
        using var admin = await AdminAsync();
        var callers = new[] { await CallerAsync(_a, "admin"), await CallerAsync(_b, "admin") };
        var id = await IdAsync("admin");
        await PostgresRun.ExecuteAsync(two.Database, $"SELECT pg_notify('hallops', 'account {id}'), pg_notify('hallops', 'unheard of'), pg_notify('hallops', '')");
        await AddAsync(admin, "told");
        await SoonAsync(async () => await FindAsync(_b, "told") is not null, true);
        Assert.All(callers, c => Assert.False(c.Ended.IsCancellationRequested));
    }

    [Fact]
    public async Task News_MissedWhileNobodyListened_AreMadeUp()
    {
        using var admin = await AdminAsync();
        await AddAsync(admin, "missed");
        await AddAsync(admin, "gone");
        using var clerk = await _b.SignInAsync("missed");
        var (kept, gone) = (await CallerAsync(_b, "admin"), await CallerAsync(_b, "gone"));
        // Nobody tells of these.
        await PostgresRun.ExecuteAsync(two.Database, "UPDATE accounts SET disabled = true WHERE user_name = 'missed'; DELETE FROM accounts WHERE user_name = 'gone'");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_b, clerk));

        await PostgresRun.ExecuteAsync(two.Database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hallops news'");
        await SoonAsync(() => StatusAsync(_b, clerk), HttpStatusCode.Unauthorized);
        await SoonAsync(() => Task.FromResult(gone.Ended.IsCancellationRequested), true);
        Assert.False(kept.Ended.IsCancellationRequested);
        // And it hears on.
        await AddAsync(admin, "later");
        await SoonAsync(async () => await FindAsync(_b, "later") is not null, true);
    }

    [Fact]
    public async Task Device_EnrolledExchangedAndRemovedThroughOneServer_IsSoAtTheOther()
    {
        using var admin = await AdminAsync();
        await _a.AddHallAsync("h");
        using var link = await admin.PostAsJsonAsync("devices/links", new { kind = "kiosk", hall = "h" }, Cancel);
        var secret = (await RunningServer.JsonAsync(link)).GetProperty("url").GetString()!.Split('#')[1];
        // Made at one, redeemed at the other.
        using var anybody = _b.Client();
        using var redeemed = await anybody.PostAsJsonAsync("devices/redeem", new { secret }, Cancel);
        using var kiosk = _a.Client((await RunningServer.JsonAsync(redeemed)).GetProperty("token").GetString());
        await SoonAsync(() => StatusAsync(_a, kiosk), HttpStatusCode.Forbidden);

        var directory = _b.App.Services.GetRequiredService<DeviceDirectory>();
        var open = directory.Find(kiosk.DefaultRequestHeaders.Authorization!.Parameter!)!;
        using var refreshed = await kiosk.PostAsync("devices/refresh", null, Cancel);
        var fresh = (await RunningServer.JsonAsync(refreshed)).GetProperty("token").GetString()!;
        await SoonAsync(() => Task.FromResult(ReferenceEquals(directory.Find(fresh), open)), true);

        using var removed = await admin.DeleteAsync($"devices/{open.Device!.Id}", Cancel);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await SoonAsync(() => Task.FromResult(directory.Find(fresh) is null && open.Ended.IsCancellationRequested), true);
    }

    [Fact]
    public async Task Writers_OfTwoServers_LeaveTheAuditWhole_CountEveryFailure_AndTakeACodeOnce()
    {
        using var admin = await AdminAsync();
        await AddAsync(admin, "guessed");
        await AddAsync(admin, "careful");
        // Three at each, side by side: each is counted, so that it is locked.
        var failures = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? _a : _b).TrySignInAsync("guessed", "something else")));
        Assert.All(failures, f => Assert.Equal(HttpStatusCode.Unauthorized, f.StatusCode));
        using (var locked = await _b.TrySignInAsync("guessed", RunningServer.Password)) Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);

        using var guide = await _a.SignInAsync("careful");
        using var begun = await guide.PostAsync("account/totp", null, Cancel);
        var secret = (await RunningServer.JsonAsync(begun)).GetProperty("secret").GetString()!;
        using (var confirmed = await guide.PostAsJsonAsync("account/totp/confirm", new { code = Code(secret, -1) }, Cancel)) Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        var code = Code(secret);
        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => (i % 2 == 0 ? _a : _b).TrySignInAsync("careful", RunningServer.Password, code)));
        Assert.Single(tries, t => t.StatusCode == HttpStatusCode.OK);

        await using var database = await _b.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        var rows = await database.Audit.AsNoTracking().OrderBy(r => r.Number).ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(n => (long)n), rows.Select(r => r.Number));
        var chain = AuditRow.Origin;
        foreach (var row in rows) Assert.Equal(chain = row.ChainAfter(chain), row.Chain);
        Assert.Equal(["lockedOut", "locked", "locked"], rows.Where(r => r.Of == "guessed" && r.What == "signIn" && r.Outcome != "wrong").Select(r => r.Outcome));
    }

    [Fact]
    public async Task Hall_ConfiguredThroughOneServer_LiesAtTheOtherWhereItsDocumentSays_AlsoOnceItIsMoved()
    {
        var regions = _b.App.Services.GetRequiredService<HallRegions>();
        var hall = new HallId("moves");
        // These two have a journal each and number their halls alike; no hall of the other is to have its number.
        await _a.AddHallAsync("first", RunningServer.Document("first"));
        foreach (var (region, zone) in ((string, string)[])[("南通市", "Asia/Shanghai"), ("苏州市", "Asia/Shanghai"), ("苏州市", "Asia/Urumqi")])
        {
            await _a.AddHallAsync("moves", RunningServer.Document("moves").Replace("\"remoteIssue\"", $$"""
                "region": [{"zh": "江苏省"}, {"zh": "{{region}}"}], "remoteIssue"
                """, StringComparison.Ordinal).Replace("Asia/Shanghai", zone, StringComparison.Ordinal));
            await SoonAsync(() => Task.FromResult((regions.Find(hall)?.Value, regions.ZoneOf(hall)?.Id)), ($"江苏省/{region}", zone));
        }
    }

    [Fact]
    public async Task Holidays_ReplacedThroughBothServersAtOnce_AreAllInForceAtBoth_AndAreWhatTheyShare()
    {
        using var admin = await AdminAsync();
        using var atB = _b.Client(admin.DefaultRequestHeaders.Authorization!.Parameter);
        var answers = await Task.WhenAll(Enumerable.Range(2031, 6).Select(year => (year % 2 == 0 ? admin : atB).PutAsJsonAsync("holidays", new { year, days = new[] { new { date = $"{year}-01-01", name = "元旦", isOffDay = true } } }, Cancel)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        foreach (var server in (RunningServer[])[_a, _b])
        {
            var file = server.App.Services.GetRequiredService<HolidayFile>();
            await SoonAsync(() => Task.FromResult(file.Years.Count(y => y.Year is >= 2031 and < 2037)), 6);
            Assert.NotNull(server.App.Services.GetRequiredService<HolidayNotices>().Current.Find(new DateOnly(2036, 1, 1)));
            await using var database = await server.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
            Assert.Equal(await File.ReadAllBytesAsync(server.Folder.HolidaysPath, Cancel), await server.App.Services.GetRequiredService<SharedFiles>().FindAsync(database, server.Folder.HolidaysPath, Cancel));
        }
    }

    [Fact]
    public async Task ErasuresAndKeys_OfTwoServers_AreSharedByBoth()
    {
        var people = new[] { new PersonId(1), new PersonId(2), new PersonId(3), new PersonId(4) };
        await Task.WhenAll(people.Select((p, i) => (i % 2 == 0 ? _a : _b).App.Services.GetRequiredService<ErasedList>().AddAsync(p, Cancel)));
        await using var database = await _a.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        var shared = await _a.App.Services.GetRequiredService<SharedFiles>().FindAsync(database, _a.Folder.ErasedPath, Cancel);
        Assert.Equal(people.Select(p => p.ToString()).Order(), Erasures.Parse(shared!, "shared").Persons.Order());

        var made = _b.App.Services.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(90));
        Assert.Contains(made.KeyId, _a.App.Services.GetRequiredService<IKeyManager>().GetAllKeys().Select(k => k.KeyId));
    }

    [Fact]
    public async Task Device_ThatWaitsAtOneServer_IsConfirmedAtTheOther_AndGetsItsTokenOnce()
    {
        using var admin = await AdminAsync();
        await _b.AddHallAsync("waits");
        using var device = _a.Client();
        using var begun = await device.PostAsJsonAsync("devices/enrol", new { kind = "board", model = "B1" }, Cancel);
        var shown = await RunningServer.JsonAsync(begun);
        var (code, secret) = (shown.GetProperty("code").GetString(), shown.GetProperty("secret").GetString());
        using (var atB = _b.Client(admin.DefaultRequestHeaders.Authorization!.Parameter))
        using (var confirmed = await atB.PostAsJsonAsync("devices/confirm", new { code, hall = "waits" }, Cancel))
            Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        var polls = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var asks = (i % 2 == 0 ? _a : _b).Client();
            using var answer = await asks.PostAsJsonAsync("devices/enrol/poll", new { secret }, Cancel);
            return answer.StatusCode;
        }));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound], polls.Order());
    }

    // By the first server, and known to both.
    private async Task<HttpClient> AdminAsync()
    {
        var admin = await _a.SignInAsync();
        await SoonAsync(() => StatusAsync(_b, admin), HttpStatusCode.OK);
        return admin;
    }

    private async Task AddAsync(HttpClient admin, string user, string role = "clerk")
    {
        using var added = await admin.PostAsJsonAsync("accounts", new { user, name = user, password = RunningServer.Password, roles = new[] { new { role } } }, Cancel);
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task ChangeAsync(HttpClient admin, string user, bool disabled)
    {
        using var changed = await admin.PutAsJsonAsync($"accounts/{user}", new { name = user, roles = new[] { new { role = "clerk" } }, disabled }, Cancel);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(Cancel));
    }

    // What only an admin may ask, asked of a server with somebody's token: 403 is somebody whom it knows.
    private static async Task<HttpStatusCode> StatusAsync(RunningServer server, HttpClient client)
    {
        using var asks = server.Client(client.DefaultRequestHeaders.Authorization!.Parameter);
        using var answer = await asks.GetAsync("accounts", Cancel);
        return answer.StatusCode;
    }

    private async Task<string> IdAsync(string user)
    {
        await using var database = await _a.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        return await database.Users.Where(u => u.UserName == user).Select(u => u.Id).SingleAsync(Cancel);
    }

    private async Task<AccountDirectory.Entry?> FindAsync(RunningServer server, string user) => server.App.Services.GetRequiredService<AccountDirectory>().Find(await IdAsync(user));

    private async Task<Caller> CallerAsync(RunningServer server, string user)
    {
        await SoonAsync(async () => await FindAsync(server, user) is not null, true);
        return (await FindAsync(server, user))!.Caller;
    }

    private static string Code(string secret, int steps = 0) => TotpCodes.CodeAt(TotpCodes.FromBase32(secret), DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30 + steps);

    /// <summary>Waits for what the news bring, for as long as they may take on a busy machine.</summary>
    private static async Task SoonAsync<T>(Func<Task<T>> seen, T expected)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var now = await seen(); !EqualityComparer<T>.Default.Equals(now, expected); now = await seen())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10), $"expected {expected}, still {now}");
            await Task.Delay(10, Cancel);
        }
    }
}

/// <summary>Two servers of one deployment, set up, each with a folder of its own.</summary>
public sealed class TwoServers : IAsyncLifetime
{
    public const string Secret = "of these two servers";

    public string Database { get; private set; } = "";
    internal RunningServer A { get; private set; } = null!;
    internal RunningServer B { get; private set; } = null!;

    public async Task StartAsync()
    {
        Database = (await PostgresRun.DatabaseAsync(SqlKind.Postgres))!;
        A = await RunningServer.StartAsync(postgres: Database, keySecret: Secret);
        B = await RunningServer.StartAsync(postgres: Database, keySecret: Secret);
    }

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        await A.SetUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
    }
}
