using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Web.Devices;
using HallOps.Web.Tests.Operations;

namespace HallOps.Web.Tests.Devices;

public sealed class DeviceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<string> LinkAsync(HttpClient admin, object place)
    {
        using var answer = await admin.PostAsJsonAsync("devices/links", place, Cancel);
        var url = (await RunningServer.JsonAsync(answer)).GetProperty("url").GetString()!;
        Assert.StartsWith("/enrol#", url, StringComparison.Ordinal);
        return url["/enrol#".Length..];
    }

    [Fact]
    public async Task Link_Redeemed_MakesOneDevice_WhoseTokenStopsWithIt()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        var secret = await LinkAsync(admin, new { kind = "kiosk", hall = "h", zone = "main" });
        using var anyone = server.Client();

        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => anyone.PostAsJsonAsync("devices/redeem", new { secret }, Cancel)));
        var enrolled = await RunningServer.JsonAsync(Assert.Single(tries, t => t.StatusCode == HttpStatusCode.OK));
        Assert.All(tries.Where(t => t.StatusCode != HttpStatusCode.OK), t => Assert.Equal(HttpStatusCode.NotFound, t.StatusCode));
        Assert.Equal(("kiosk", "h", "main"), (enrolled.GetProperty("kind").GetString(), enrolled.GetProperty("hall").GetString(), enrolled.GetProperty("zone").GetString()));

        using var kiosk = server.Client(enrolled.GetProperty("token").GetString());
        using (var issued = await kiosk.PostAsJsonAsync("halls/h/tickets", new { service = "s" }, Cancel)) Assert.Equal(HttpStatusCode.Created, issued.StatusCode);
        using (var forbidden = await kiosk.GetAsync("devices", Cancel)) Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        var id = Assert.Single((await admin.GetFromJsonAsync<JsonElement>("devices", Cancel)).EnumerateArray()).GetProperty("id").GetString();
        using (var removed = await admin.DeleteAsync($"devices/{id}", Cancel)) Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);

        using var after = await kiosk.PostAsJsonAsync("halls/h/tickets", new { service = "s" }, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Link_TenMinutesLater_IsOver()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        var secret = await LinkAsync(admin, new { kind = "staff", hall = "h" });

        server.Time.Forward(DeviceBook.LinkLifetime);

        using var anyone = server.Client();
        using var late = await anyone.PostAsJsonAsync("devices/redeem", new { secret }, Cancel);
        Assert.Equal("UnknownLink", await RunningServer.CodeOf(late));
    }

    [Theory]
    [InlineData("""{"kind":"toaster","hall":"h"}""", "kind")]
    [InlineData("""{"hall":"h"}""", "kind")]
    [InlineData("""{"kind":"kiosk","hall":"nowhere"}""", "hall")]
    [InlineData("""{"kind":"board","hall":"h","zone":"attic"}""", "zone")]
    [InlineData("""{"kind":"pad","hall":"h"}""", "window")]
    [InlineData("""{"kind":"window","hall":"h","window":"9"}""", "window")]
    [InlineData("""{"kind":"kiosk","hall":"h","window":"1"}""", "window")]
    public async Task Link_ToAPlaceThatIsNot_NamesTheField(string body, string field)
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();

        using var answer = await admin.PostAsync("devices/links", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.StatusCode, (await RunningServer.JsonAsync(answer)).GetProperty("field").GetString()));
    }
}
