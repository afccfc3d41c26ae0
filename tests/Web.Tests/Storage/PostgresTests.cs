using System.Net;
using System.Text.Json;
using HallOps.Load.Engine;
using HallOps.Load.Measuring;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static HallOps.Web.Tests.Cli.CommandRun;

namespace HallOps.Web.Tests.Storage;

/// <summary>What is PostgreSQL's alone: how a start is refused, what goes on while the server is away, backups, and whose database it is.</summary>
public sealed class PostgresTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-postgres-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    [Theory]
    [InlineData("postgres://hallops:secret@db/hallops", "must be words like Host=")]
    [InlineData("Host=127.0.0.1;Password=secret;Colour=red", "must be words like Host=")]
    [InlineData("Database=hallops;Password=secret", "has no Host.")]
    [InlineData("Host=127.0.0.1;Password=secret", "has no Database.")]
    public void Setting_ThatSaysNoPlace_IsNamed_AndItsPasswordIsNot(string value, string line)
    {
        var refused = Assert.Throws<StartRefusedException>(() => Settings.Read(new Dictionary<string, string?> { ["ConnectionStrings:HallOps"] = value }));
        Assert.StartsWith($"ConnectionStrings:HallOps {line}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Database_ThatCannotServe_StopsTheStart_WithOneLineThatSaysWhy()
    {
        var there = new NpgsqlConnectionStringBuilder(await PostgresRun.DatabaseAsync(SqlKind.Postgres));
        var name = there.Database;
        await PostgresRun.ExecuteAsync(there.ToString(), "CREATE ROLE guest LOGIN");
        await PostgresRun.ExecuteAsync(there.ToString(), $"CREATE DATABASE {name}_latin ENCODING 'LATIN1' TEMPLATE template0");

        Assert.EndsWith($"/{name} does not answer (Connection refused).", await RefusedAsync(new NpgsqlConnectionStringBuilder(there.ToString()) { Host = "127.0.0.1", Port = 1 }));
        Assert.EndsWith($"there is no such database {there.Host}:{there.Port}/nowhere; make it with createdb.", await RefusedAsync(new NpgsqlConnectionStringBuilder(there.ToString()) { Database = "nowhere" }));
        Assert.EndsWith($"/{name} refuses the user (role \"nobody\" does not exist).", await RefusedAsync(new NpgsqlConnectionStringBuilder(there.ToString()) { Username = "nobody" }));
        Assert.EndsWith("(permission denied for schema public); make it the owner of the database.", await RefusedAsync(new NpgsqlConnectionStringBuilder(there.ToString()) { Username = "guest" }));
        Assert.EndsWith("must be made with ENCODING 'UTF8', or it cannot hold Chinese.", await RefusedAsync(new NpgsqlConnectionStringBuilder(there.ToString()) { Database = $"{name}_latin" }));
        // As a person sees it.
        var shown = await RunAsync("serve", "--data", Data, "--ConnectionStrings:HallOps", "Host=127.0.0.1;Port=1;Database=hallops;Username=hallops;Password=secret");
        Assert.Equal((1, "hallops: ConnectionStrings:HallOps: 127.0.0.1:1/hallops does not answer (Connection refused).\n"), (shown.Exit, shown.Error));
        Assert.Equal("", shown.Output);
    }

    [Fact]
    public async Task Password_ThatIsWrong_IsSaid_AndIsNotInWhatIsSaid()
    {
        using var folder = new TempFolder();
        var rules = Path.Combine(folder.Path, "hba.conf");
        await File.WriteAllTextAsync(rules, "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", Cancel);
        using var server = PostgresServer.Start(folder, [.. PostgresRun.Quick, $"hba_file={rules}"]);
        await PostgresRun.ExecuteAsync(server.ConnectionString, "CREATE ROLE hallops LOGIN PASSWORD 'the right one'");
        var there = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = "127.0.0.1", Username = "hallops", Password = "another" };
        var said = await RefusedAsync(there);
        Assert.EndsWith("/postgres refuses the user (password authentication failed for user \"hallops\").", said);
        Assert.DoesNotContain("another", said, StringComparison.Ordinal);
        there.Password = null;
        Assert.Contains("/postgres ", await RefusedAsync(there), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_OfANewerVersion_OrOfAnotherDeployment_IsRefused()
    {
        var database = (await PostgresRun.DatabaseAsync(SqlKind.Postgres))!;
        await using (await RunningServer.StartAsync(new DataFolder(Data), postgres: database)) { }
        Assert.Contains("belongs to another deployment than the keys in", await RefusedAsync(new(database)));

        await PostgresRun.ExecuteAsync(database, """INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('29990101000000_Future', '99')""");
        Assert.Contains("was written by a newer version (29990101000000_Future)", await RefusedAsync(new(database)));
    }

    [Fact]
    public async Task Folder_KeepsToWhereItsSqlSideIs()
    {
        var database = (await PostgresRun.DatabaseAsync(SqlKind.Postgres))!;
        var (inPostgres, inSqlite) = (new DataFolder(Path.Combine(_folder, "p")), new DataFolder(Path.Combine(_folder, "s")));
        await using (await RunningServer.StartAsync(inPostgres, postgres: database)) { }
        await using (await RunningServer.StartAsync(inSqlite)) { }

        Assert.Contains("is in PostgreSQL", (await Assert.ThrowsAsync<StartRefusedException>(() => RunningServer.StartAsync(inPostgres))).Message, StringComparison.Ordinal);
        Assert.Contains("nothing moves it to PostgreSQL", (await Assert.ThrowsAsync<StartRefusedException>(() => RunningServer.StartAsync(inSqlite, postgres: database))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(inPostgres.DatabasePath));
    }

    [Fact]
    public async Task Server_ThatGoesAway_LeavesHallsRunning_AndTheRowsCatchUpOnce()
    {
        using var temp = new TempFolder();
        // Its own, since all other tests need theirs; and one that keeps what it has acknowledged, since it is killed.
        using var postgres = PostgresServer.Start(temp, [.. PostgresRun.Quick, "synchronous_commit=on"]);
        await using var server = await RunningServer.StartAsync(new DataFolder(Data), postgres: PostgresRun.In(postgres, "postgres"));
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        await IssueAsync(admin);
        await CaughtUpAsync(server, 2);

        postgres.Kill();
        using (var signIn = await server.TrySignInAsync("admin", RunningServer.Password))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "DatabaseUnavailable"), (signIn.StatusCode, await RunningServer.CodeOf(signIn)));
            Assert.NotNull(signIn.Headers.RetryAfter);
        }
        for (var i = 0; i < 5; i++) await IssueAsync(admin);
        using (var board = await admin.GetAsync("halls/h/board", Cancel))
            Assert.Equal(6, (await RunningServer.JsonAsync(board)).GetProperty("lines")[0].GetProperty("waiting").GetInt32());

        postgres.Run();
        await CaughtUpAsync(server, 7);
        await using (var database = new NpgsqlConnection(PostgresRun.In(postgres, "postgres")))
        {
            await database.OpenAsync(Cancel);
            await using var rows = database.CreateCommand();
            rows.CommandText = "SELECT string_agg(number, ' ' ORDER BY ticket) FROM legs";
            Assert.Equal("A001 A002 A003 A004 A005 A006", await rows.ExecuteScalarAsync(Cancel));
        }
        using var again = await server.SignInAsync();
    }

    [Fact]
    public async Task Backup_SaysThatPostgresIsNotInIt_AndGoesBackBesideTheDatabase()
    {
        var database = (await PostgresRun.DatabaseAsync(SqlKind.Postgres))!;
        var (file, copy) = (Path.Combine(_folder, "b.zip"), new DataFolder(Path.Combine(_folder, "copy")));
        await using (var server = await RunningServer.StartAsync(new DataFolder(Data), postgres: database))
        {
            await server.SetUpAsync();
            await server.AddHallAsync("h");
            var backup = await RunAsync("backup", file, "--data", Data);
            Assert.True(backup.Exit == 0, backup.Error);
            Assert.Contains($"are in PostgreSQL ({new SqlPlace(server.Folder, database).Name}) and not in this file", backup.Output, StringComparison.Ordinal);
        }
        var without = await RunAsync("restore", file, "--data", copy.FullPath);
        Assert.Equal(1, without.Exit);
        Assert.Contains("restore that first, with PostgreSQL's own tools, and set ConnectionStrings:HallOps", without.Error, StringComparison.Ordinal);

        var restored = await RunAsync("restore", file, "--data", copy.FullPath, "--ConnectionStrings:HallOps", database);
        Assert.True(restored.Exit == 0, restored.Error);
        await using var again = await RunningServer.StartAsync(copy, postgres: database);
        using var admin = await again.SignInAsync();
        using var halls = await admin.GetAsync("halls", Cancel);
        Assert.Equal("h", Assert.Single((await RunningServer.JsonAsync(halls)).EnumerateArray()).GetProperty("hall").GetString());
        var verify = await RunAsync("journal", "verify", "--data", copy.FullPath, "--ConnectionStrings:HallOps", database);
        Assert.True(verify.Exit == 0, verify.Error);
        Assert.Matches("\naudit: [0-9]+ rows, whole, chain [0-9a-f]{64}\n$", verify.Output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> RefusedAsync(NpgsqlConnectionStringBuilder database)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => RunningServer.StartAsync(new DataFolder(Path.Combine(_folder, Guid.NewGuid().ToString("N"))), postgres: database.ToString()));
        Assert.DoesNotContain('\n', refused.Message);
        return refused.Message;
    }

    private static async Task IssueAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("halls/h/tickets", new StringContent("""{"service": "s"}""", System.Text.Encoding.UTF8, "application/json"), Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task CaughtUpAsync(RunningServer server, long sequence)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromSeconds(60));
        await server.App.Services.GetRequiredService<EngineHost>().Projection!.CaughtUpAsync(1, sequence, late.Token);
    }
}
