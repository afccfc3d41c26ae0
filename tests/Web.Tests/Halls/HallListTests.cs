using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Embedded;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Halls;

public sealed class HallListTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Halls_AreListedByRegionAndByPlace_AsSoonAsTheyAreConfigured()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var visitor = server.Client();
        foreach (var hall in new[] { DoorHost.Hall, DoorHost.Other })
        {
            await server.AddHallAsync(hall.Value, DoorHost.Document(hall));
            Assert.Contains(hall.Value, await NamesAsync(visitor, ""));
        }
        await server.AddHallAsync("n");
        Assert.Equal(["h", "o", "n"], await NamesAsync(visitor, ""));
        Assert.Equal(["o", "h", "n"], await NamesAsync(visitor, "?near=113,23"));
        Assert.Equal(["h", "o", "n"], await NamesAsync(visitor, "?near=121.2,32.3"));
        Assert.Equal(["h"], await NamesAsync(visitor, "?region=nantong"));
        Assert.Equal(["o"], await NamesAsync(visitor, "?region=" + Uri.EscapeDataString("苏州市")));
        Assert.Equal(["h", "o"], await NamesAsync(visitor, "?region=" + Uri.EscapeDataString("江苏省")));
        Assert.Empty(await NamesAsync(visitor, "?region=nowhere"));
        foreach (var wrong in new[] { "here", "181,0", "0,91", "1", "1,2,3", "NaN,0" })
            Assert.Equal("near", (await visitor.GetAsync($"halls?near={wrong}", Cancel).ProblemAsync(400, "BadField")).GetProperty("field").GetString());

        var listed = (await visitor.GetAsync("halls?region=nantong", Cancel).JsonAsync())[0];
        Assert.Equal(["hall", "name", "region", "open", "waiting", "estimate", "opensAt"], listed.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Nantong", listed.GetProperty("region")[1].GetProperty("en").GetString());
    }

    [Fact]
    public async Task List_WakesNoSleepingHall()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-list-").FullName);
        await using (var server = await RunningServer.StartAsync(folder))
        {
            await server.SetUpAsync();
            await server.AddHallAsync("h");
            using var visitor = server.Client();
            visitor.DefaultRequestHeaders.Add("Idempotency-Key", "0123456789abcdef");
            await visitor.PostAsync("halls/h/tickets", """{"service":"s"}""").JsonAsync(201);
        }
        await using (var server = await RunningServer.StartAsync(folder))
        {
            using var visitor = server.Client();
            Assert.Equal(["h"], await NamesAsync(visitor, ""));
            await visitor.GetAsync("halls/h", Cancel).JsonAsync();
            Assert.Equal(1, ((EmbeddedHalls)server.App.Services.GetRequiredService<IHalls>()).Resident);
        }
        await using (var server = await RunningServer.StartAsync(folder))
        {
            using var visitor = server.Client();
            Assert.Equal(1, (await visitor.GetAsync("halls", Cancel).JsonAsync())[0].GetProperty("waiting").GetInt32());
            Assert.Equal(0, ((EmbeddedHalls)server.App.Services.GetRequiredService<IHalls>()).Resident);
        }
        Directory.Delete(folder.FullPath, recursive: true);
    }

    private static async Task<IEnumerable<string?>> NamesAsync(HttpClient client, string query) =>
        (await client.GetAsync("halls" + query, Cancel).JsonAsync()).EnumerateArray().Select(h => h.GetProperty("hall").GetString()).ToList();
}
