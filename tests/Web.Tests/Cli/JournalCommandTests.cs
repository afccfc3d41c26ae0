using HallOps.Load.Journal;
using HallOps.Load.Measuring;
using HallOps.Web.Tests.Operations;
using StackExchange.Redis;

namespace HallOps.Web.Tests.Cli;

/// <summary>The commands on a journal, from a folder to Redis and back.</summary>
public sealed class JournalCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Journal_CopiedToRedisAndBack_IsVerifiedThereAndCommandsSayWhatTheyDoNotDo()
    {
        using var redis = await RedisProcess.StartAsync(_folder);
        var (data, back) = (_folder.Sub("data"), _folder.Sub("back"));
        string[] there = ["--data", _folder.Sub("other"), "--ConnectionStrings:Redis", redis.Address];
        foreach (var hall in (string[])["h", "o"]) Assert.Equal(0, (await RunAsync("hall", "import", await DocumentAsync(hall), "--data", data)).Exit);

        var copy = await RunAsync("journal", "copy", $"redis:{redis.Address}", "--data", data);

        Assert.Matches("^h: [0-9]+ records, the same up to chain [0-9a-f]{32}\no: [0-9]+ records, the same up to chain [0-9a-f]{32}\n$", copy.Output.Replace(" and a snapshot", "", StringComparison.Ordinal));
        Assert.Equal((0, ""), (copy.Exit, copy.Error));
        // The first to run an engine there makes the folder's SQL side and keys; the halls are those of before.
        Assert.Equal(0, (await RunAsync(["hall", "import", await DocumentAsync("p"), .. there])).Exit);
        var verify = await RunAsync(["journal", "verify", .. there]);
        Assert.Matches("^h: [0-9]+ records, [01] snapshots, whole\no: [0-9]+ records, [01] snapshots, whole\np: [0-9]+ records, [01] snapshots, whole\n", verify.Output);
        Assert.Equal((0, ""), (verify.Exit, verify.Error));

        Assert.Equal((0, 0), ((await RunAsync(["journal", "copy", $"sqlite:{back}", .. there])).Exit, (await RunAsync("journal", "copy", $"sqlite:{_folder.Sub("twice")}", "--data", back)).Exit));
        Refused(".*back has a journal already", await RunAsync(["journal", "copy", $"sqlite:{back}", .. there]));
        Refused("the Redis at .* has a journal already \\(keys hallops:\\*\\)", await RunAsync("journal", "copy", $"redis:{redis.Address}", "--data", data));
        foreach (var to in (string[])["sqlite:", "redis", "postgres:db,password=secret"])
            Refused("journal copy: TO must be sqlite:DIR or redis:HOST:PORT,password=…, and is not\\.", await RunAsync("journal", "copy", to, "--data", data));
        Refused("The journal in the Redis at 127\\.0\\.0\\.1:1 does not answer: .*", await RunAsync("journal", "copy", "redis:127.0.0.1:1", "--data", data));
        Refused("there is no journal in .*nowhere", await RunAsync("journal", "copy", $"sqlite:{_folder.Sub("x")}", "--data", _folder.Sub("nowhere")));

        Refused("h has lost nothing: there is nothing to accept\\.", await RunAsync(["journal", "accept-loss", "h", .. there]));
        Refused("the journal in the Redis at .* has no hall q", await RunAsync(["journal", "accept-loss", "q", .. there]));
        Refused("The journal of .* is in SQLite, which loses nothing that was acknowledged: .*", await RunAsync("journal", "accept-loss", "h", "--data", data));
        Refused("The journal of .* is in Redis \\(.*\\): salvage is for SQLite's file; .*", await RunAsync(["journal", "salvage", _folder.Sub("saved"), .. there]));
        Refused("The journal of .* is in Redis \\(.*\\): a recorded day is read from a folder: .*", await RunAsync(["simulate", "--from-hall", "h", "--date", "2026-11-23", .. there]));
        Refused("The journal of .* is in Redis \\(.*\\): back that up with its own tools.*", await RunAsync(["backup", Path.Combine(_folder.Path, "file"), .. there]));
        Refused("ConnectionStrings:Redis is set, and a backup has a journal for a folder: .*", await RunAsync(["restore", Path.Combine(_folder.Path, "file"), "--data", _folder.Sub("new"), "--ConnectionStrings:Redis", redis.Address]));
    }

    [Fact]
    public async Task Loss_IsNamedByVerifyAndGivenUpByItsCommand()
    {
        using var redis = await RedisProcess.StartAsync(_folder);
        string[] there = ["--data", _folder.Sub("data"), "--ConnectionStrings:Redis", redis.Address];
        Assert.Equal(0, (await RunAsync(["hall", "import", await DocumentAsync("h"), .. there])).Exit);
        using (var reach = await ConnectionMultiplexer.ConnectAsync(redis.Address))
            await reach.GetDatabase().ExecuteAsync("HSET", (RedisKey)"hallops:{1}:head", "lost", "2-5@4294967297");

        var lost = await RunAsync(["journal", "verify", .. there]);
        Assert.Equal(1, lost.Exit);
        Assert.Matches("h: [0-9]+ records, [01] snapshots, records 2 to 5, which were stored, are gone\n", lost.Output);
        Assert.Matches("^hallops: the journal in the Redis at .* is not whole; records that are gone are given up with journal accept-loss, .*\n$", lost.Error);
        Refused("hall h \\(number 1\\) is damaged and is not copied: records 2 to 5, which were stored, are gone", await RunAsync(["journal", "copy", $"sqlite:{_folder.Sub("copy")}", .. there]));

        var accepted = await RunAsync(["journal", "accept-loss", "h", .. there]);

        Assert.Equal((0, ""), (accepted.Exit, accepted.Error));
        Assert.StartsWith("h: records 2-5 are given up; it goes on after record 1\n  ! numbers that were given out in them will be given out again", accepted.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(["journal", "verify", .. there])).Exit);
        Assert.Equal(0, (await RunAsync(["hall", "import", await DocumentAsync("h", """{"window": "2", "kind": "comprehensive", "zone": "main", "profile": [{"line": "a", "afterMinutes": 0}]}"""), .. there])).Exit);
    }

    private static Task<(int Exit, string Output, string Error)> RunAsync(params string[] args) => CommandRun.RunAsync(args);

    private static void Refused(string line, (int Exit, string Output, string Error) run)
    {
        Assert.Matches($"^hallops: {line}\n$", run.Error);
        Assert.Equal((1, ""), (run.Exit, run.Output));
    }

    private async Task<string> DocumentAsync(string hall, string? windows = null)
    {
        var file = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, windows is null ? RunningServer.Document(hall) : RunningServer.Document(hall, windows), Cancel);
        return file;
    }
}
