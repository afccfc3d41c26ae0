using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Operations;

namespace HallOps.Web.Tests.Accounts;

public sealed class RegionRoleTests
{
    private const string Password = "four score years";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Role_ForARegion_CoversItsHallsAndThoseThatComeToIt_AndNoOthers()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-regions-").FullName);
        try
        {
            string token;
            await using (var server = await RunningServer.StartAsync(folder))
            {
                await server.SetUpAsync();
                await PutHallAsync(server, "in", "江苏省", "南通市");
                await PutHallAsync(server, "beside", "江苏省", "南通市区");
                await PutHallAsync(server, "above", "江苏省");
                await PutHallAsync(server, "none");
                using var admin = await server.SignInAsync();
                await AddAsync(admin, "li", new { role = "manager", regions = new[] { "江苏省/南通市" }, halls = new[] { "none" } });
                using var li = await server.SignInAsync("li", Password);
                Assert.Equal(
                    [HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Forbidden],
                    await TryAsync(li, "in", "beside", "above", "none", "later"));

                await PutHallAsync(server, "later", "江苏省", "南通市", "如东县");
                Assert.Equal([HttpStatusCode.OK], await TryAsync(li, "later"));
                await PutHallAsync(server, "in", "江苏省", "苏州市");
                await PutHallAsync(server, "beside", "江苏省", "南通市");
                Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.OK], await TryAsync(li, "in", "beside"));
                token = li.DefaultRequestHeaders.Authorization!.Parameter!;
            }
            await using var again = await RunningServer.StartAsync(folder);
            using var still = again.Client(token);
            Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.OK], await TryAsync(still, "in", "beside", "later"));
        }
        finally
        {
            Directory.Delete(folder.FullPath, recursive: true);
        }
    }

    [Fact]
    public async Task AdminOfARegion_HandlesAccountsWithinItOnly()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        await PutHallAsync(server, "in", "江苏省", "南通市");
        await PutHallAsync(server, "out", "江苏省", "苏州市");
        using var admin = await server.SignInAsync();
        await AddAsync(admin, "boss", new { role = "admin", regions = new[] { "江苏省/南通市" } });
        await AddAsync(admin, "above", new { role = "clerk", regions = new[] { "江苏省" } });
        using var boss = await server.SignInAsync("boss", Password);

        var statuses = new List<HttpStatusCode>();
        foreach (var (user, role) in new (string, object)[]
        {
            ("a", new { role = "manager", regions = new[] { "江苏省/南通市/如东县" } }),
            ("b", new { role = "clerk", halls = new[] { "in" } }),
            ("c", new { role = "clerk", halls = new[] { "in" }, regions = new[] { "江苏省/苏州市" } }),
            ("d", new { role = "clerk", regions = new[] { "江苏省" } }),
            ("e", new { role = "clerk", halls = new[] { "out" } }),
            ("f", new { role = "clerk" }),
        })
        {
            using var added = await boss.PostAsJsonAsync("accounts", Body(user, role), Cancel);
            statuses.Add(added.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Forbidden, 4)], statuses);
        var seen = await boss.GetFromJsonAsync<JsonElement>("accounts", Cancel);
        Assert.Equal(["a", "b", "boss"], seen.EnumerateArray().Select(a => a.GetProperty("user").GetString()));
        Assert.Equal("江苏省/南通市/如东县", seen[0].GetProperty("roles")[0].GetProperty("regions")[0].GetString());
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""["江苏省//南通市"]""")]
    [InlineData("""["/江苏省"]""")]
    [InlineData("""["江苏省/ "]""")]
    [InlineData("""[null]""")]
    public async Task Region_ThatIsNone_IsNamed(string regions)
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        var body = $$"""{"user":"li","name":"Li","password":"{{Password}}","roles":[{"role":"clerk","regions":{{regions}}}]}""";

        using var answer = await admin.PostAsync("accounts", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal((HttpStatusCode.BadRequest, "roles[0].regions"), (answer.StatusCode, (await RunningServer.JsonAsync(answer)).GetProperty("field").GetString()));
    }

    [Fact]
    public void Path_WithASlashInAName_EndsThere_SoThatNoOtherRegionIsBuiltFromIt()
    {
        Assert.Equal("江苏省", Web.Accounts.RegionPath.Of([new Text("江苏省", null), new Text("南通市/如东县", null), new Text("某镇", null)])?.Value);
        Assert.Null(Web.Accounts.RegionPath.Of([new Text("江苏省/南通市", null)]));
    }

    private static object Body(string user, object role) => new { user, name = user, password = Password, roles = new[] { role } };

    private static async Task AddAsync(HttpClient admin, string user, object role)
    {
        using var added = await admin.PostAsJsonAsync("accounts", Body(user, role), Cancel);
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task PutHallAsync(RunningServer server, string hall, params string[] region)
    {
        var names = string.Join(", ", region.Select(r => $$"""{"zh": "{{r}}"}"""));
        await server.AddHallAsync(hall, RunningServer.Document(hall).Replace("\"zones\"", $"\"region\": [{names}], \"zones\"", StringComparison.Ordinal));
    }

    /// <summary>What a manager alone may do, and can do any number of times.</summary>
    private static async Task<List<HttpStatusCode>> TryAsync(HttpClient client, params string[] halls)
    {
        var statuses = new List<HttpStatusCode>();
        foreach (var hall in halls)
        {
            using var answer = await client.PostAsJsonAsync($"halls/{hall}/suspend", new { reason = "断电" }, Cancel);
            statuses.Add(answer.StatusCode);
        }
        return statuses;
    }
}
