using System.Diagnostics;
using System.Net;
using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Web.Cli;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using static HallOps.Web.Tests.Cli.CommandRun;

namespace HallOps.Web.Tests.Cli;

/// <summary>What commands print, and how they end.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-cli-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task UnknownCommand_IsWrongUsage()
    {
        var (exit, _, error) = await ProcessAsync("", "dance");
        Assert.Equal(2, exit);
        Assert.StartsWith("hallops: there is no command \"dance\"\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HallOps:Limits:Off", "perhaps", "HallOps:Limits:Off must be true or false, was \"perhaps\".")]
    [InlineData("HallOps:Colour", "red", "HallOps:Colour is no setting")]
    [InlineData("HallOps:Clock:Speed", "fast", "HallOps:Clock:Speed must be a number from 0.1 to 1000, was \"fast\".")]
    [InlineData("HallOps:Clock:Start", "2026-11-02T08:30", "HallOps:Clock:Start must be a time with its offset")]
    [InlineData("urls", "5080", "HallOps:Urls (--urls) must be addresses like http://127.0.0.1:5080")]
    [InlineData("ConnectionStrings:Redis", "127.0.0.1:1", "ConnectionStrings:Redis: The journal in the Redis at 127.0.0.1:1 does not answer")]
    [InlineData("ConnectionStrings:Redis", "127.0.0.1:6379,colour=red", "ConnectionStrings:Redis must be words like 127.0.0.1:6379,password=")]
    [InlineData("HallOps:KeySecret", "short", "HallOps:KeySecret must have 16 characters or more.")]
    [InlineData("HallOps:KeySecret", "sixteen characters", "HallOps:KeySecret is set, but keys are shared only where ConnectionStrings:HallOps and ConnectionStrings:Redis are set")]
    [InlineData("role", "king", "HallOps:Role (--role) must be silo, web or all, was \"king\".")]
    [InlineData("role", "web", "HallOps:Role (--role) is for the program built with -p:Engine=orleans; this one runs its halls in one process: leave it out. A second process stands by.")]
    [InlineData("HallOps:Cluster:SiloPort", "11111", "HallOps:Cluster:SiloPort is set, but the halls run in one process: set HallOps:Role (--role), or leave it out.")]
    [InlineData("ConnectionStrings:HallOps", "postgres://db/hallops", "ConnectionStrings:HallOps must be words like Host=")]
    public async Task BadSetting_StopsTheStart_WithOneLineThatNamesIt(string setting, string value, string line)
    {
        var (exit, _, error) = await RunAsync("serve", "--data", Data, $"--{setting}", value);
        Assert.Equal(1, exit);
        Assert.StartsWith($"hallops: {line}", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.False(Directory.Exists(Data), "A start that is refused leaves nothing behind.");
    }

    [Fact]
    public async Task Folder_ThatCannotBeWritten_IsRefusedInOneLine()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        var (exit, _, error) = await RunAsync("serve", "--data", Path.Combine(file, "data"));
        Assert.Equal(1, exit);
        Assert.Matches("^hallops: The data folder .* cannot be written .*\n$", error);
    }

    [Fact]
    public async Task Server_HoldsItsFolderAndItsPort()
    {
        await using var server = await RunningServer.StartAsync();

        var folder = await RunAsync("serve", "--data", server.Folder.FullPath, "--urls", "http://127.0.0.1:0");
        var port = await RunAsync("serve", "--data", Data, "--urls", server.Address.GetLeftPart(UriPartial.Authority));

        Assert.Equal((1, 1), (folder.Exit, port.Exit));
        Assert.Matches("^hallops: .* is in use by process [0-9]+\n$", folder.Error);
        Assert.Matches("^hallops: One of the addresses .* is in use .*\n$", port.Error);
    }

    [Fact]
    public async Task Halls_ImportedBackedUpAndRestored_WithoutAServer()
    {
        var document = await DocumentAsync("h");
        var check = await RunAsync("hall", "import", document, "--check", "--data", Data);
        Assert.Equal((0, $"h: would be added ({document})\n  + hall\n"), (check.Exit, check.Output));
        var import = await RunAsync("hall", "import", document, "--data", Data);
        Assert.Equal((0, $"h: added ({document})\n  + hall\n"), (import.Exit, import.Output));

        var backup = Path.Combine(_folder, "backup.zip");
        Assert.Equal(0, (await RunAsync("backup", backup, "--data", Data)).Exit);
        var refused = await RunAsync("restore", backup, "--data", Data);
        Assert.Equal(1, refused.Exit);
        Assert.Contains("is not empty", refused.Error, StringComparison.Ordinal);

        var other = Path.Combine(_folder, "other");
        Assert.Equal(0, (await RunAsync("restore", backup, "--data", other)).Exit);
        var verify = await RunAsync("journal", "verify", "--data", other);
        Assert.Equal(0, verify.Exit);
        Assert.Contains("whole", verify.Output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Data, "keys", "ticket.key"), Cancel), await File.ReadAllBytesAsync(Path.Combine(other, "keys", "ticket.key"), Cancel));
    }

    [Fact]
    public async Task Journal_ThatIsDamaged_IsSaidToBe_AndSavedAsFarAsItIsWhole()
    {
        await RunAsync("hall", "import", await DocumentAsync("h"), "--data", Data);
        await RunAsync("hall", "import", await DocumentAsync("o"), "--data", Data);
        var whole = await RunAsync("journal", "salvage", Path.Combine(_folder, "copy"), "--data", Data);
        Assert.Equal((0, "h: 1 records, whole as far as can be seen\no: 1 records, whole as far as can be seen\n"), (whole.Exit, whole.Output));
        Assert.Equal(0, (await RunAsync("journal", "verify", "--data", Path.Combine(_folder, "copy"))).Exit);
        var twice = await RunAsync("journal", "salvage", Path.Combine(_folder, "copy"), "--data", Data);
        Assert.Equal((1, 1), (twice.Exit, twice.Error.Count(c => c == '\n')));

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await using (var journal = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Data, "journal.db")};Pooling=False"))
        {
            await journal.OpenAsync(Cancel);
            await using var damage = journal.CreateCommand();
            damage.CommandText = "UPDATE flushes SET body = CAST(substr(body, 1, 200) || x'ff' || substr(body, 202) AS BLOB) WHERE position = (SELECT max(position) FROM flushes)";
            Assert.Equal(1, await damage.ExecuteNonQueryAsync(Cancel));
        }
        var verify = await RunAsync("journal", "verify", "--data", Data);
        Assert.Equal(1, verify.Exit);
        Assert.Contains("h: 1 records, 1 snapshots, whole\n", verify.Output, StringComparison.Ordinal);
        Assert.Contains("o: ", verify.Output, StringComparison.Ordinal);
        Assert.EndsWith("journal salvage.\n", verify.Error, StringComparison.Ordinal);
        var saved = Path.Combine(_folder, "saved");
        var salvage = await RunAsync("journal", "salvage", saved, "--data", Data);
        Assert.Equal(1, salvage.Exit);
        Assert.Contains("h: 1 records, whole as far as can be seen\n", salvage.Output, StringComparison.Ordinal);
        Assert.Contains("are lost", salvage.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_WithAnEventOfANewerProgram_IsSaidToBeNotWhole()
    {
        var data = Path.Combine(_folder, "newer");
        Directory.CreateDirectory(data);
        await using (var journal = SqliteJournal.Open(data))
        {
            var frames = new ByteWriter();
            var epoch = await journal.ClaimAsync(1, Cancel);
            RecordFrame.Write(frames, new JournalRecord(1, epoch, 1, 0, true, "test", default, default, 99, 1, default, default), [1, 2, 3], default);
            var bytes = frames.Written.ToArray();
            await journal.AppendAsync(new Flush(bytes, [new Append(1, new HallId("h"), epoch, 0, 1, bytes)], []), Cancel);
        }
        var (exit, output, _) = await RunAsync("journal", "verify", "--data", data);
        Assert.Equal(1, exit);
        Assert.Matches("^h: 1 records, 0 snapshots, record 1 at byte 0 of flush [0-9]+: Event type 99 is not known: use a newer program.\n$", output);
    }

    [Fact]
    public async Task Restore_OfADamagedBackup_LeavesNothing()
    {
        await RunAsync("hall", "import", await DocumentAsync("h"), "--data", Data);
        var backup = Path.Combine(_folder, "backup.zip");
        await RunAsync("backup", backup, "--data", Data);
        var bytes = await File.ReadAllBytesAsync(backup, Cancel);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(backup, bytes, Cancel);

        var other = Path.Combine(_folder, "other");
        var (exit, _, error) = await RunAsync("restore", backup, "--data", other);

        Assert.Equal(1, exit);
        Assert.EndsWith("nothing was changed.\n", error, StringComparison.Ordinal);
        Assert.All(Directory.GetFileSystemEntries(other), e => Assert.StartsWith("server.", Path.GetFileName(e), StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunningServer_TakesImports_AndIsBackedUp()
    {
        await using var server = await RunningServer.StartAsync();
        var document = await DocumentAsync("h");

        Assert.Equal($"h: added ({document})\n  + hall\n", (await RunAsync("hall", "import", document, "--data", server.Folder.FullPath)).Output);
        var changed = await DocumentAsync("h", """{"window": "2", "kind": "comprehensive", "profile": [{"line": "a", "afterMinutes": 0}]}""");
        Assert.Equal($"h: changed ({changed})\n  - window 1\n  + window 2\n", (await RunAsync("hall", "import", changed, "--data", server.Folder.FullPath)).Output);
        using (var client = server.Client())
        using (var hall = await client.GetAsync("halls/h", Cancel)) Assert.Equal("2", (await RunningServer.JsonAsync(hall)).GetProperty("windows")[0].GetProperty("window").GetString());

        var backup = Path.Combine(_folder, "backup.zip");
        Assert.Equal(0, (await RunAsync("backup", backup, "--data", server.Folder.FullPath)).Exit);
        Assert.Equal(0, (await RunAsync("restore", backup, "--data", Data)).Exit);
        Assert.DoesNotContain(Directory.GetFileSystemEntries(server.Folder.FullPath), e => Path.GetFileName(e).StartsWith(".backup", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProjectionsRebuild_ThroughTheServer_AndOnTheFolder_MakesEveryHallAnew()
    {
        var folder = new DataFolder(Data);
        await using (var server = await RunningServer.StartAsync(folder))
        {
            await RunAsync("hall", "import", await DocumentAsync("h"), "--data", Data);
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            soon.CancelAfter(TimeSpan.FromSeconds(30));
            await server.App.Services.GetRequiredService<EngineHost>().Projection!.CaughtUpAsync(1, 1, soon.Token);
            var (exit, output, error) = await RunAsync("projections", "rebuild", "--data", Data);
            Assert.True(exit == 0, error);
            Assert.Matches("^.*: 1 halls made anew from [0-9]+ events\n$", output);
            Assert.Matches("^1 of 1, h: ([0-9]+) of \\1 events\n$", error);
        }
        var alone = await RunAsync("projections", "rebuild", "--data", Data);
        Assert.True(alone.Exit == 0, alone.Error);
        Assert.Matches("^.*: 1 halls made anew from [0-9]+ events\n$", alone.Output);
        Assert.Equal(1, (await RunAsync("projections", "rebuild", "--data", Path.Combine(_folder, "nothing"))).Exit);
    }

    [Fact]
    public async Task Import_OfAWrongDocument_NamesFileAndField_AndTakesNoneOfTheOthers()
    {
        var good = await DocumentAsync("h");
        var bad = Path.Combine(_folder, "bad.json");
        await File.WriteAllTextAsync(bad, (await File.ReadAllTextAsync(good, Cancel)).Replace("\"line\": \"a\", \"kind\"", "\"line\": \"b\", \"kind\"", StringComparison.Ordinal), Cancel);

        var (exit, output, error) = await RunAsync("hall", "import", good, bad, "--data", Data);

        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith($"{bad}: services[0].line: ", error, StringComparison.Ordinal);
        Assert.StartsWith("h: would be added", (await RunAsync("hall", "import", good, "--check", "--data", Data)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocalEndpoints_WithoutTheSecret_AreNotThere()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        using var answer = await admin.PostAsync("local/backup", null, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task ClockOfAFolder_IsKeptOrRefused()
    {
        string[] clock = ["--HallOps:Clock:Start", "2026-11-02T08:30:00+08:00", "--HallOps:Clock:Speed", "60"];
        Assert.Equal(0, (await RunAsync(["hall", "import", await DocumentAsync("h"), "--data", Data, .. clock])).Exit);

        var without = await RunAsync("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, without.Exit);
        Assert.Contains("serve it with --HallOps:Clock:Start 2026-11-02T08:30:00+08:00 --HallOps:Clock:Speed 60", without.Error, StringComparison.Ordinal);

        var real = Path.Combine(_folder, "real");
        await RunAsync("hall", "import", await DocumentAsync("h"), "--data", real);
        var with = await RunAsync(["serve", "--data", real, "--urls", "http://127.0.0.1:0", .. clock]);
        Assert.Equal(1, with.Exit);
        Assert.Contains("for a new data folder only", with.Error, StringComparison.Ordinal);
    }

    private async Task<string> DocumentAsync(string hall, string? windows = null)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, windows is null ? RunningServer.Document(hall) : RunningServer.Document(hall, windows), Cancel);
        return file;
    }
}
