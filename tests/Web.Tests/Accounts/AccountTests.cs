using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Web.Tests.Operations;

namespace HallOps.Web.Tests.Accounts;

public sealed class AccountTests
{
    private const string Password = "four score years";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static object Clerk(string hall, bool disabled = false, string? password = null) =>
        new { name = "Li", password, roles = new object[] { new { role = "clerk", halls = new[] { hall } } }, staff = new Dictionary<string, string> { [hall] = "w01" }, disabled };

    [Theory]
    [InlineData("disabled")]
    [InlineData("password")]
    [InlineData("roles")]
    [InlineData("deleted")]
    public async Task Token_OfAnAccountThatChanged_IsVoidAtOnce(string change)
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        using var added = await admin.PostAsJsonAsync("accounts", new { user = "li", name = "Li", password = Password, roles = new[] { new { role = "analyst" } } }, Cancel);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        using var li = await server.SignInAsync("li", Password);
        using (var before = await li.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.Forbidden, before.StatusCode);

        using var changed = change switch
        {
            "disabled" => await admin.PutAsJsonAsync("accounts/li", Clerk("h", disabled: true), Cancel),
            "password" => await admin.PutAsJsonAsync("accounts/li", Clerk("h", password: "seven years ago"), Cancel),
            "roles" => await admin.PutAsJsonAsync("accounts/li", Clerk("h"), Cancel),
            _ => await admin.DeleteAsync("accounts/li", Cancel),
        };
        Assert.True(changed.IsSuccessStatusCode);

        using (var after = await li.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using var again = await server.TrySignInAsync("li", Password);
        Assert.Equal(change == "roles" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task Account_Changed_IsListedAsItIsNow()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("accounts", new { user = "li", name = "Li", password = Password, roles = new object[] { new { role = "clerk", halls = new[] { "h" } }, new { role = "guide" } } }, Cancel)).EnsureSuccessStatusCode();

        (await admin.PutAsJsonAsync("accounts/li", new { name = "Li Si", roles = new object[] { new { role = "clerk", halls = new[] { "h", "o" } } }, staff = new { o = "w02" } }, Cancel)).EnsureSuccessStatusCode();

        var li = (await admin.GetFromJsonAsync<JsonElement>("accounts", Cancel)).EnumerateArray().Single(a => a.GetProperty("user").GetString() == "li");
        Assert.Equal("""{"user":"li","name":"Li Si","roles":[{"role":"clerk","halls":["h","o"],"regions":null}],"staff":{"o":"w02"},"disabled":false,"twoFactor":false}""", li.GetRawText());
    }

    [Theory]
    [InlineData("""{"user":"Li","name":"Li","password":"four score years","roles":[]}""", "user")]
    [InlineData("""{"user":"anonymous","name":"Li","password":"four score years","roles":[]}""", "user")]
    [InlineData("""{"user":"li","password":"four score years","roles":[]}""", "name")]
    [InlineData("""{"user":"li","name":"Li","password":"short","roles":[]}""", "password")]
    [InlineData("""{"user":"wang","name":"Li","password":"wang and wang","roles":[]}""", "password")]
    [InlineData("""{"user":"li","name":"Li","password":"four score years"}""", "roles")]
    [InlineData("""{"user":"li","name":"Li","password":"four score years","roles":[{"role":"boss"}]}""", "roles[0].role")]
    [InlineData("""{"user":"li","name":"Li","password":"four score years","roles":[{"role":"clerk","halls":[]}]}""", "roles[0].halls")]
    [InlineData("""{"user":"li","name":"Li","password":"four score years","roles":[],"staff":{"H!":"w"}}""", "staff")]
    [InlineData("""{"user":"li","name":"Li","password":"four score years","roles":[],"colour":"red"}""", "colour")]
    public async Task Account_WithAWrongField_NamesIt(string body, string field)
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();

        using var answer = await admin.PostAsync("accounts", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (await RunningServer.JsonAsync(answer)).GetProperty("field").GetString());
        Assert.Equal(1, (await admin.GetFromJsonAsync<JsonElement>("accounts", Cancel)).GetArrayLength());
    }

    [Fact]
    public async Task AdminOfOneHall_HandlesAccountsWithinItOnly()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        foreach (var (user, role, hall) in new[] { ("boss", "admin", "h"), ("mine", "clerk", "h"), ("theirs", "clerk", "o") })
            (await admin.PostAsJsonAsync("accounts", new { user, name = user, password = Password, roles = new[] { new { role, halls = new[] { hall } } } }, Cancel)).EnsureSuccessStatusCode();
        using var boss = await server.SignInAsync("boss", Password);

        var seen = (await boss.GetFromJsonAsync<JsonElement>("accounts", Cancel)).EnumerateArray().Select(a => a.GetProperty("user").GetString());
        Assert.Equal(["boss", "mine"], seen);
        using var elsewhere = await boss.PostAsJsonAsync("accounts", new { user = "new", name = "New", password = Password, roles = new[] { new { role = "clerk", halls = new[] { "h", "o" } } } }, Cancel);
        using var everywhere = await boss.PutAsJsonAsync("accounts/boss", new { name = "Boss", roles = new[] { new { role = "admin" } } }, Cancel);
        using var foreign = await boss.DeleteAsync("accounts/theirs", Cancel);
        using var above = await boss.DeleteAsync("accounts/admin", Cancel);
        using var own = await boss.DeleteAsync("accounts/mine", Cancel);

        Assert.Equal(
            [HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NoContent],
            new[] { elsewhere, everywhere, foreign, above, own }.Select(a => a.StatusCode));
    }

    [Fact]
    public async Task LastAdmin_CannotGo()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();

        using var deleted = await admin.DeleteAsync("accounts/admin", Cancel);
        using var demoted = await admin.PutAsJsonAsync("accounts/admin", new { name = "admin", roles = new[] { new { role = "analyst" } } }, Cancel);

        Assert.Equal(("LastAdmin", "LastAdmin"), (await RunningServer.CodeOf(deleted), await RunningServer.CodeOf(demoted)));
        using var still = await admin.GetAsync("accounts", Cancel);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }
}
